// The editor: CodeMirror, with a history for each file.

import { python } from "@codemirror/lang-python";
import { indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { basicSetup } from "codemirror";

export class Editor {
  /** `changed` is called with the path and the text after each change; `save` by Ctrl-S. */
  constructor(parent, changed, save) {
    this.states = new Map();
    this.path = null;
    this.extensions = [
      basicSetup,
      python(),
      indentUnit.of("    "),
      syntaxHighlighting(classHighlighter),
      EditorView.lineWrapping,
      keymap.of([{ key: "Mod-s", run: () => (save(), true) }]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) changed(this.path, update.state.doc.toString());
      }),
    ];
    this.view = new EditorView({ parent });
  }

  open(path, text) {
    if (this.path) this.states.set(this.path, this.view.state);
    this.path = path;
    this.view.setState(this.states.get(path) ?? this.newState(path, text));
  }

  newState(path, text) {
    const label = EditorView.contentAttributes.of({ "aria-label": `Code of ${path}`, tabindex: "0" });
    return EditorState.create({ doc: text, extensions: [...this.extensions, label] });
  }

  /** Forget what was typed in a file: it is opened anew. */
  forget(path) {
    this.states.delete(path);
    if (this.path === path) this.path = null;
  }
}
