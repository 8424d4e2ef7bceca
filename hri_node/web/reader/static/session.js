// A session's images in the reader's order come in; each goes out with its pixels when it is its turn, the next one in advance.

const AGAIN_MS = 1500;
const KEPT = 3; // images on either side of the one that is shown

export class Session {
  constructor(server, number) {
    this.server = server;
    this.number = number;
    this.images = []; // {key, done}
    this.fetched = new Map();
    this.known = new Map(); // by key: what the server said, or was told, of an image last
  }

  async load() {
    Object.assign(this, await this.server.json(`/api/sessions/${this.number}`));
  }

  get done() {
    return this.images.filter(({ done }) => done).length;
  }

  get total() {
    return this.images.length;
  }

  // Whether every other image is finished.
  isLast(position) {
    return this.images.every(({ done }, index) => done || index === position - 1);
  }

  // 1-based position of the next image that is not finished, after `position` and then from the start; null: none is left.
  nextOpen(position) {
    const order = this.images.map((_, index) => ((position + index) % this.total) + 1);
    return order.find((each) => !this.images[each - 1].done) ?? null;
  }

  // The image with its marks; asks again as long as the server does not answer, which `told` hears of.
  async image(position, told) {
    for (;;) {
      try {
        const marks = await this.marksOf(position);
        const image = await this.picture(position);
        this.prefetch(position + 1);
        return { ...image, marks };
      } catch (error) {
        this.fetched.delete(position);
        if (error.status) throw error;
        told();
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  // They are asked for each time, as another tab may have changed them. Without the server, what this page knows counts.
  async marksOf(position) {
    const { key } = this.images[position - 1];
    try {
      const { marks, done } = await this.server.json(this.address(key));
      this.images[position - 1].done = done;
      this.known.set(key, marks);
    } catch (error) {
      if (error.status || !this.known.has(key)) throw error;
    }
    return this.known.get(key);
  }

  address(key) {
    return `/api/sessions/${this.number}/images/${key}`;
  }

  picture(position) {
    if (!this.fetched.has(position)) this.fetched.set(position, this.fetch(this.images[position - 1].key));
    return this.fetched.get(position);
  }

  async fetch(key) {
    const [{ marks, done, ...form }, grey] = await Promise.all([
      this.server.json(this.address(key)),
      this.server.pixels(`${this.address(key)}/pixels`),
    ]);
    if (grey.length !== form.rows * form.columns) throw Object.assign(new Error("the image is cut off"), { status: 0 });
    if (!this.known.has(key)) this.known.set(key, marks);
    return { key, grey, ...form };
  }

  // One image ahead, so that it is there at once, and is there when the server is not.
  prefetch(position) {
    for (const each of this.fetched.keys()) if (Math.abs(each - position) > KEPT) this.fetched.delete(each);
    if (position > this.total) return;
    this.picture(position).catch(() => this.fetched.delete(position));
  }
}
