// What was not acknowledged yet comes in; it is kept by the browser on its disk, whatever is closed or killed, until it is.

const STORE = "acts";

// Without a store that lasts (a browser may refuse one), acts wait in memory only: `lasts` says so.
export class Waiting {
  constructor(owner) {
    this.name = `hri-reader ${owner}`;
    this.memory = new Map();
    this.next = 1;
    this.lasts = true;
    this.opening = null;
  }

  // All that waits, oldest first, as [key, act].
  async all() {
    const kept = await this.ask("readonly", (store) => [store.getAllKeys(), store.getAll()]);
    if (!kept) return [...this.memory.entries()];
    return kept[0].map((key, index) => [key, kept[1][index]]);
  }

  async add(act) {
    const kept = await this.ask("readwrite", (store) => [store.add(act)]);
    if (kept) return kept[0];
    this.memory.set(this.next, act);
    return this.next++;
  }

  async remove(key) {
    this.memory.delete(key);
    await this.ask("readwrite", (store) => [store.delete(key)]);
  }

  async ask(mode, questions) {
    if (!this.lasts) return null;
    try {
      this.opening ??= opened(this.name);
      return await answered(await this.opening, mode, questions);
    } catch (error) {
      console.warn("marks that wait cannot be kept on the disk of this browser:", error.message);
      this.lasts = false;
      return null;
    }
  }
}

function opened(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// Answers once the disk has what was changed.
function answered(base, mode, questions) {
  return new Promise((resolve, reject) => {
    const work = base.transaction(STORE, mode, { durability: "strict" });
    const requests = questions(work.objectStore(STORE));
    work.oncomplete = () => resolve(requests.map((request) => request.result));
    work.onabort = () => reject(work.error);
  });
}
