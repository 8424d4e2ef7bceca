// Questions and acts of the page come in; what the server says to them goes out.

export class Server {
  constructor(base, csrf) {
    this.base = base;
    this.csrf = csrf;
  }

  async json(path) {
    const answer = await fetch(this.base + path, { headers: { Accept: "application/json" } });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(said.detail || answer.statusText), { status: answer.status });
    return said;
  }

  // Grey levels as the server measures them, byte for byte: no decoder or colour profile of a browser stands between.
  async pixels(path) {
    const answer = await fetch(this.base + path);
    if (!answer.ok) throw Object.assign(new Error(answer.statusText), { status: answer.status });
    return new Uint8Array(await answer.arrayBuffer());
  }

  // Never fails: a server that does not answer is status 0.
  async post({ kind, begun, ...content }, patienceMs) {
    const body = JSON.stringify({ ...content, ago_ms: Math.max(0, Date.now() - begun) });
    try {
      const answer = await fetch(`${this.base}/api/${kind}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": this.csrf },
        body,
        keepalive: body.length < 60000, // a page that is closed meanwhile still delivers it
        signal: AbortSignal.timeout(patienceMs),
      });
      return { status: answer.status, answer: await answer.json().catch(() => ({})) };
    } catch {
      return { status: 0, answer: {} };
    }
  }
}

// Of version 4 (RFC 9562); crypto.randomUUID is there over HTTPS only, and hospitals have plain HTTP.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
