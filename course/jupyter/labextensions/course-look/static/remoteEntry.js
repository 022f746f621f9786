// An extension of JupyterLab, written as its builder would put it out: no build, no node.
//
// JupyterLab draws Mermaid's diagrams in the colours of the theme, but once. When the theme changes
// from light to dark, dark labels stay on a dark page. So this draws them again.

window._JUPYTERLAB = window._JUPYTERLAB || {};
window._JUPYTERLAB["course-look"] = (() => {
  let shared; // what JupyterLab has in common with its extensions: package -> version -> module

  async function load(name) {
    const [module] = Object.values(shared[name]);
    return (await module.get())();
  }

  async function extension() {
    const { IThemeManager } = await load("@jupyterlab/apputils");
    const { INotebookTracker } = await load("@jupyterlab/notebook");
    const { IMarkdownViewerTracker } = await load("@jupyterlab/markdownviewer");
    return {
      id: "course-look:mermaid",
      autoStart: true,
      requires: [IThemeManager, INotebookTracker, IMarkdownViewerTracker],
      activate: (app, themes, notebooks, viewers) => {
        themes.themeChanged.connect(() => {
          // JupyterLab tells Mermaid of the theme when it hears the same signal: wait for that
          setTimeout(() => {
            notebooks.forEach((panel) => panel.content.widgets.forEach(redraw));
            viewers.forEach((panel) => panel.content.update());
          });
        });
      },
    };
  }

  function redraw(cell) {
    if (cell.rendered && cell.node.querySelector(".jp-RenderedMermaid")) {
      cell._prevText = null; // else it sees that its text is the same, and draws nothing
      cell.update();
    }
  }

  return {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const plugin = await extension();
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
