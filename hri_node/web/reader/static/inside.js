// An outline in image pixels comes in; the pixels inside it, and what they measure, go out: by the very rule of the server
// (hri_node/study/project/region.py), in the same doubles and the same order, so that both say the same to the last bit.
import { clamped } from "./outline.js";

// Calls each(row, first, end) for every run of pixels whose centres (column + .5, row + .5) lie inside; where an outline
// crosses itself, all that it goes round (non-zero winding number).
export function runsInside(points, rows, columns, each) {
  crossingsByRow(points, rows).forEach((crossings, row) => {
    crossings.sort(([one], [other]) => one - other);
    let turns = 0;
    crossings.forEach(([x, turn], index) => {
      turns += turn;
      if (!turns) return;
      const first = clamped(Math.ceil(x - 0.5), 0, columns);
      const end = clamped(Math.ceil(crossings[index + 1][0] - 0.5), 0, columns);
      if (first < end) each(row, first, end);
    });
  });
}

// Row to where the outline crosses the line through its middle, and whether downwards (1) or upwards (-1).
function crossingsByRow(points, rows) {
  const found = new Map();
  points.forEach(([x0, y0], index) => {
    const [x1, y1] = points[(index + 1) % points.length];
    const first = clamped(Math.ceil(Math.min(y0, y1) - 0.5), 0, rows);
    const last = clamped(Math.ceil(Math.max(y0, y1) - 0.5), 0, rows);
    for (let row = first; row < last; row++) {
      if (!found.has(row)) found.set(row, []);
      found.get(row).push([x0 + ((row + 0.5 - y0) * (x1 - x0)) / (y1 - y0), y1 > y0 ? 1 : -1]);
    }
  });
  return found;
}

// Mean and standard deviation of the grey levels, count of pixels and their area; null where no pixel lies inside.
export function measured(points, image) {
  let [pixels, sum, squares] = [0, 0, 0];
  runsInside(points, image.rows, image.columns, (row, first, end) => {
    for (let at = row * image.columns + first; at < row * image.columns + end; at++) {
      const grey = image.grey[at];
      sum += grey;
      squares += grey * grey;
    }
    pixels += end - first;
  });
  if (!pixels) return null;
  const [rowMm, columnMm] = image.spacing_mm;
  return { pixels, mean: sum / pixels, sd: deviation(pixels, sum, squares), area_mm2: pixels * rowMm * columnMm };
}

// The difference of the products is exact in whole numbers: doubles would lose digits where all pixels are alike.
function deviation(pixels, sum, squares) {
  const spread = BigInt(pixels) * BigInt(squares) - BigInt(sum) * BigInt(sum);
  return Math.sqrt(Number(spread)) / pixels;
}
