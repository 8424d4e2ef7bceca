// Outlines in image pixels, as lists of [column, row] with [0, 0] at the outer corner of the first pixel: made, moved, thinned.

const DIGITS = 100; // hundredths of a pixel are kept

export const rounded = (value) => Math.round(value * DIGITS) / DIGITS;

export const clamped = (value, least, most) => Math.min(Math.max(value, least), most);

// The square of the protocol, on whole pixels, its middle as near to (column, row) as fits into the image.
export function squareAt([column, row], [rows, columns], image) {
  const left = clamped(Math.round(column - columns / 2), 0, Math.max(0, image.columns - columns));
  const top = clamped(Math.round(row - rows / 2), 0, Math.max(0, image.rows - rows));
  return [[left, top], [left + columns, top], [left + columns, top + rows], [left, top + rows]];
}

// The same outline further right and down, as far as it stays within the image.
export function moved(points, across, down, image) {
  const columns = points.map(([column]) => column);
  const rows = points.map(([, row]) => row);
  const right = clamped(across, -Math.min(...columns), image.columns - Math.max(...columns));
  const lower = clamped(down, -Math.min(...rows), image.rows - Math.max(...rows));
  return points.map(([column, row]) => [rounded(column + right), rounded(row + lower)]);
}

export const within = ([column, row], image) => [
  rounded(clamped(column, 0, image.columns)),
  rounded(clamped(row, 0, image.rows)),
];

export function middle(points) {
  const columns = points.map(([column]) => column);
  const rows = points.map(([, row]) => row);
  return [(Math.min(...columns) + Math.max(...columns)) / 2, (Math.min(...rows) + Math.max(...rows)) / 2];
}

// Whether a point lies inside an outline; the border belongs to it as it does for pixels.
export function holds(points, [x, y]) {
  let inside = false;
  points.forEach(([x1, y1], index) => {
    const [x2, y2] = points[(index + 1) % points.length];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}

// A line with fewer points that strays from it by no more than `stray` pixels (Douglas and Peucker 1973).
export function thinned(points, stray) {
  if (points.length < 3) return points;
  const kept = new Set([0, points.length - 1]);
  const open = [[0, points.length - 1]];
  while (open.length) {
    const [first, last] = open.pop();
    const [farthest, far] = farthestBetween(points, first, last);
    if (far > stray) {
      kept.add(farthest);
      open.push([first, farthest], [farthest, last]);
    }
  }
  return points.filter((_, index) => kept.has(index));
}

function farthestBetween(points, first, last) {
  let farthest = first;
  let far = 0;
  for (let index = first + 1; index < last; index++) {
    const distance = distanceToLine(points[index], points[first], points[last]);
    if (distance > far) [farthest, far] = [index, distance];
  }
  return [farthest, far];
}

export function distanceToLine([x, y], [x1, y1], [x2, y2]) {
  const length = (x2 - x1) ** 2 + (y2 - y1) ** 2;
  const along = length ? clamped(((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length, 0, 1) : 0;
  return Math.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1));
}
