// An interactive figure stands on the page as an SVG; Plotly is loaded when the reader asks for it.
"use strict";

(() => {
  const root = new URL(document.querySelector("script[data-root]").dataset.root + "/", location);
  const words = document.documentElement.lang.startsWith("zh")
    ? { open: "打开交互版本", wait: "正在载入…", failed: "没有载入" }
    : { open: "Open the interactive version", wait: "Loading…", failed: "Not loaded" };
  const loaded = new Map();

  function load(path) {
    if (!loaded.has(path)) {
      loaded.set(path, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = new URL(path, root);
        script.onload = resolve;
        script.onerror = () => { loaded.delete(path); reject(new Error(`no ${path}`)); };
        document.head.append(script);
      }));
    }
    return loaded.get(path);
  }

  async function draw(image, button) {
    const name = image.dataset.plotly;
    button.textContent = words.wait;
    await load(`assets/figures/${name}.js`);
    const figure = window.bookFigures[name];
    const surfaces = ["surface", "scatter3d", "mesh3d", "isosurface", "volume", "cone", "streamtube"];
    const gl3d = figure.data.some((trace) => surfaces.includes(trace.type));
    await load(`assets/vendor/plotly/plotly-${gl3d ? "gl3d" : "basic"}.min.js`);
    const target = document.createElement("div");
    target.className = "book-figure";
    target.setAttribute("role", "figure");
    target.setAttribute("aria-label", image.alt);
    target.style.height = `${Math.max(image.clientHeight, 380)}px`;
    image.after(target);
    const style = getComputedStyle(document.body);
    const layout = {
      paper_bgcolor: "transparent",
      plot_bgcolor: "transparent",
      font: { color: style.getPropertyValue("--md-typeset-color") || "#888" },
      margin: { l: 40, r: 10, t: 30, b: 40 },
      ...figure.layout,
    };
    await Plotly.newPlot(target, figure.data, layout, { responsive: true, displaylogo: false });
    image.hidden = true;
    button.remove();
  }

  for (const image of document.querySelectorAll("img[data-plotly]")) {
    const button = document.createElement("button");
    button.className = "md-button book-figure__open";
    button.textContent = words.open;
    button.addEventListener("click", () =>
      draw(image, button).catch((error) => { button.textContent = `${words.failed}: ${error.message}`; }));
    image.after(button);
  }
})();
