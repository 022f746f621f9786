// The page's side of the worker that Python runs in.

export class Hung extends Error {}
export class Lost extends Error {}

export class PythonWorker {
  /** `name` is what the worker reads; `listeners` has the functions loading(bytes) and ready(milliseconds). */
  constructor(url, name, listeners) {
    this.url = url;
    this.name = name;
    this.listeners = listeners;
    this.begin();
  }

  begin() {
    this.job = null;
    this.loaded = new Promise((resolve, reject) => {
      this.worker = new Worker(this.url, { type: "module", name: this.name });
      this.worker.onmessage = ({ data }) => this.hear(data, resolve, reject);
      this.worker.onerror = (event) => this.lose(event.message || "It could not be loaded.", reject);
    });
    this.loaded.catch(() => {}); // whoever asks for a job is told
  }

  hear(data, resolve, reject) {
    if (data.loaded) this.listeners.loading(data.loaded);
    else if (data.ready) resolve(this.listeners.ready(data.ready));
    else if (data.lost) this.lose(data.lost, reject);
    else if (data.id) this.finish(data);
    else if (this.job) this.job.hear(data);
  }

  /** Do a job; reject with Hung if nothing is heard of it for so many seconds. */
  async ask(job, details, { patience = 15, progress = () => {} } = {}) {
    await this.loaded;
    return new Promise((resolve, reject) => {
      let timer;
      let last = {};
      const hear = (news) => {
        last = news;
        progress(news);
        clearTimeout(timer);
        timer = setTimeout(() => this.stop(new Hung(last.now ?? "")), patience * 1000);
      };
      const settle = (action) => (value) => {
        clearTimeout(timer);
        this.job = null;
        action(value);
      };
      this.job = { hear, resolve: settle(resolve), reject: settle(reject) };
      hear(last);
      this.worker.postMessage({ id: 1, job, details });
    });
  }

  finish({ error, ...done }) {
    if (error === undefined) this.job?.resolve(done);
    else this.stop(new Lost(error));
  }

  lose(message, reject) {
    reject(new Lost(message));
    this.job?.reject(new Lost(message));
  }

  /** End Python, whatever it does, and load it again. */
  stop(reason) {
    this.worker.terminate();
    const { job } = this;
    this.begin();
    job?.reject(reason);
  }
}
