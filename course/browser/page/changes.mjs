// The visitor's changes to a chapter's files, and new files, kept in this browser.

const A_PATH = /^(?:[a-z_]\w*\/)*[a-z_]\w*\.py$/i; // of what Python can import

export class Changes {
  constructor({ number, folder, files }) {
    this.name = `try-chapter-${number}`;
    this.folder = folder;
    this.originals = files;
    this.edits = {};
    for (const [path, text] of Object.entries(this.kept())) this.note(path, text);
  }

  kept() {
    try {
      return JSON.parse(localStorage.getItem(this.name)) ?? {};
    } catch {
      return {}; // no storage, or nothing that we wrote
    }
  }

  text(path) {
    return this.edits[path] ?? this.originals[path];
  }

  note(path, text) {
    if (text === this.originals[path]) delete this.edits[path];
    else this.edits[path] = text;
  }

  /** Return why no new file can have this name, or nothing. */
  whyNot(name) {
    if (!A_PATH.test(name)) return "Name a file of Python, such as cinema/api/ratings.py: letters, digits, _ and /.";
    if (this.text(`${this.folder}/${name}`) !== undefined) return `There is a file ${name} already.`;
  }

  /** Begin a file; return its path. */
  create(name) {
    const path = `${this.folder}/${name}`;
    this.note(path, "");
    this.keep();
    return path;
  }

  isNew(path) {
    return !(path in this.originals);
  }

  /** Put a file back as it was, which ends a new one. */
  undo(path) {
    delete this.edits[path];
  }

  keep() {
    try {
      localStorage.setItem(this.name, JSON.stringify(this.edits));
    } catch {
      // the changes last as long as this page
    }
  }

  get paths() {
    return Object.keys(this.edits);
  }
}
