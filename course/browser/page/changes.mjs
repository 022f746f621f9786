// The visitor's changes to a chapter's files, kept in this browser.

export class Changes {
  constructor({ number, files }) {
    this.name = `try-chapter-${number}`;
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
    if (!(path in this.originals)) return;
    if (text === this.originals[path]) delete this.edits[path];
    else this.edits[path] = text;
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
