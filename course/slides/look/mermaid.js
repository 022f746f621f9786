// Loads Mermaid from the parts that JupyterLab has of it, without JupyterLab.
const loadMermaid = (() => {
  const modules = {}; // functions that make them, by number
  const made = {};
  const loading = {}; // parts, by number

  self.rspackChunk_jupyterlab_application_top = {
    push: ([, more]) => Object.assign(modules, more),
  };

  function need(number) {
    if (!made[number]) {
      const module = (made[number] = { exports: {} });
      modules[number].call(module.exports, module, module.exports, need);
    }
    return made[number].exports;
  }

  need.r = (exports) => Object.defineProperty(exports, "__esModule", { value: true });
  need.o = (object, name) => Object.prototype.hasOwnProperty.call(object, name);
  need.d = (exports, getters) => {
    for (const name in getters) {
      if (!need.o(exports, name)) {
        Object.defineProperty(exports, name, { enumerable: true, get: getters[name] });
      }
    }
  };
  need.n = (module) => {
    const get = module && module.__esModule ? () => module.default : () => module;
    need.d(get, { a: get });
    return get;
  };
  need.g = self;
  need.nmd = (module) => Object.assign(module, { paths: [], children: module.children || [] });
  need.hmd = need.nmd;
  need.e = (part) => (loading[part] ||= load(String(part)));

  async function load(part) {
    const shared = MERMAID_PARTS.shared[part];
    if (!shared) return loadScript(`look/mermaid/${MERMAID_PARTS.files[part]}`);
    await Promise.all(shared.parts.map(need.e));
    modules[shared.name] = (module) => (module.exports = need(shared.module));
  }

  function loadScript(source) {
    return new Promise((done, failed) => {
      const script = Object.assign(document.createElement("script"), { src: source });
      script.onload = done;
      script.onerror = () => failed(new Error(`${source} is missing`));
      document.head.append(script);
    });
  }

  return async () => {
    await Promise.all(MERMAID_PARTS.first.map(need.e));
    return need(MERMAID_PARTS.module).default;
  };
})();
