// An interactive figure stands on the page as an SVG. When the reader asks, Plotly is loaded and
// draws in the picture's place; what can be chosen stands around it as the browser's own controls,
// which a keyboard, a finger and a screen reader know. A figure (docs/assets/figures/NAME.json) is
//   data, layout   Plotly's
//   choosers       [{label, options, start, slider}]
//   states         by the choosers' places, list in list: {data, layout, note}, merged over the above
//   width, aspect  at most so many pixels wide; height by width
//   say            of a surface: how a point is read out, "a = {x}, b = {y}: {z}"
// A surface is turned by a mouse, or by a slider of its own; arrow keys walk over its grid, and what
// they find is marked on it and written under it.
"use strict";

(() => {
  const root = new URL(document.querySelector("script[data-root]").dataset.root + "/", location);
  const words = document.documentElement.lang.startsWith("zh")
    ? { open: "打开交互版本", back: "回到图片", wait: "正在载入…", failed: "载入失败", keys: "用方向键在数据点之间移动", turn: "旋转" }
    : { open: "Open the interactive version", back: "Back to the picture", wait: "Loading…", failed: "Not loaded", keys: "Arrow keys: from point to point", turn: "Turn" };
  const SURFACES = ["surface", "scatter3d", "mesh3d", "isosurface", "volume", "cone", "streamtube"];
  const SYMBOLS = { circle: "M10 6a4 4 0 1 0 8 0 4 4 0 1 0-8 0", square: "M10 2h8v8h-8z", "triangle-up": "M14 1l5 9H9z", diamond: "M14 1l5 5-5 5-5-5z" };
  const DASHES = { dash: "6 3", dot: "2 3", dashdot: "6 2 2 2" };
  // The light theme's: in the dark the style sheet turns plot and pictures over alike.
  const INK = "#22252c", GRID = "rgba(0, 0, 0, 0.1)", LINE = "rgba(0, 0, 0, 0.35)";
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

  function element(name, className, attributes = {}, ...inside) {
    const made = document.createElement(name);
    made.className = className;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  }

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

  function merge(...parts) {
    const whole = {};
    for (const part of parts) {
      for (const [key, value] of Object.entries(part ?? {})) {
        whole[key] = isObject(value) ? merge(whole[key], value) : value;
      }
    }
    return whole;
  }

  function chooser({ label, options, start = 0, slider }, changed) {
    const box = element("label", "book-figure__chooser", {}, element("span", "", {}, label));
    if (!slider) {
      const select = element("select", "", {}, ...options.map((option) => new Option(option)));
      select.selectedIndex = start;
      select.addEventListener("change", changed);
      box.append(select);
      return { box, place: () => select.selectedIndex };
    }
    const range = element("input", "", { type: "range", min: 0, max: options.length - 1, value: start });
    const shown = element("output", "");
    const say = () => {
      shown.value = options[range.value];
      range.setAttribute("aria-valuetext", shown.value);
    };
    range.addEventListener("input", () => { say(); changed(); });
    say();
    box.append(range, shown);
    return { box, place: () => Number(range.value) };
  }

  function swatch({ line = {}, marker = {}, fill, fillcolor, mode = "lines" }) {
    const colour = line.color ?? marker.color;
    const dash = DASHES[line.dash] ?? "none";
    const sign = mode.includes("markers") ? SYMBOLS[marker.symbol ?? "circle"] : "";
    const drawn = fill
      ? `<rect width="28" height="12" fill="${fillcolor}"/>`
      : `<path d="${mode.includes("lines") ? "M0 6h28" : ""}" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/><path d="${sign}" fill="${colour}"/>`;
    return `<svg class="book-figure__swatch" viewBox="0 0 28 12" aria-hidden="true">${drawn}</svg>`;
  }

  // The point that an arrow key goes to: along its line, or over what stands above and below it.
  function neighbour(plot, from, key) {
    const { xaxis, yaxis } = plot._fullLayout;
    const points = plot.data.flatMap((trace, curveNumber) =>
      trace.visible === false || trace.hoverinfo === "skip" ? [] : trace.x.map((x, pointNumber) =>
        ({ curveNumber, pointNumber, x: xaxis.d2p(x), y: yaxis.d2p(trace.y[pointNumber]) })));
    const here = from && points.find((point) =>
      point.curveNumber === from.curveNumber && point.pointNumber === from.pointNumber);
    if (!here) return points[0];
    if (!key) return here;
    const way = key === "ArrowLeft" || key === "ArrowRight"
      ? points.filter((point) => point.curveNumber === here.curveNumber)
      : points.filter((point) => Math.abs(point.x - here.x) < 12).sort((a, b) => a.y - b.y);
    return way[way.indexOf(here) + (key === "ArrowRight" || key === "ArrowDown" ? 1 : -1)] ?? here;
  }

  // An arrow key by itself: with Alt it is the browser's.
  function isStep(event) {
    return event.key.startsWith("Arrow") && !event.altKey && !event.ctrlKey && !event.metaKey;
  }

  // Where a surface is looked at from, by the slider's place: a full turn has 24.
  function eye(place) {
    const angle = (place / 24) * 2 * Math.PI;
    return { x: 2.1 * Math.cos(angle), y: 2.1 * Math.sin(angle), z: 1.05 };
  }

  async function open(image) {
    const name = image.dataset.plotly;
    await load(`assets/figures/${name}.js`);
    const figure = window.bookFigures[name];
    const solid = figure.data.some((trace) => SURFACES.includes(trace.type));
    await load(`assets/vendor/plotly/plotly-${solid ? "gl3d" : "basic"}.min.js`);

    const choosers = (figure.choosers ?? []).map((one) => chooser(one, () => draw()));
    const angles = Array.from({ length: 24 }, (_, place) => `${15 * place}°`);
    const turn = solid && chooser({ label: words.turn, options: angles, start: figure.turn ?? 20, slider: true },
      () => Plotly.relayout(plot, { "scene.camera.eye": eye(turn.place()) }));
    if (solid) choosers.push({ box: turn.box, place: () => undefined });
    const plot = element("div", "book-figure__plot", { role: "application", tabindex: 0, "aria-label": words.keys });
    const legend = element("div", "book-figure__legend");
    const note = element("p", "book-figure__note", { "aria-live": "polite" });
    const value = element("p", "book-figure__value", { "aria-live": "polite" });
    const box = element("div", solid ? "book-figure book-figure--solid" : "book-figure", { role: "group", "aria-label": image.alt },
      element("div", "book-figure__choosers", {}, ...choosers.map((one) => one.box)), plot, legend, note, value);
    const off = new Set();

    function draw() {
      let state = figure.states ?? {};
      for (const { place } of choosers) state = Array.isArray(state) ? state[place()] : state;
      const data = figure.data.map((trace, k) => merge(trace, state.data?.[k]));
      if (solid) data.push(here(data));
      sayNames(data.filter((trace) => trace.name && trace.visible !== false));
      for (const trace of data) if (off.has(trace.name)) trace.visible = false;
      width = plot.clientWidth;
      const height = Math.round(Math.min(Math.max(width * (figure.aspect ?? 0.6), 300), 560));
      plot.style.height = `${height}px`;
      const family = getComputedStyle(box).fontFamily;
      const axis = { automargin: true, fixedrange: true, title: { standoff: 8 }, gridcolor: GRID, linecolor: LINE, tickcolor: LINE, zeroline: false };
      const layout = merge({
        width, height, showlegend: false, hovermode: "closest",
        paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
        font: { color: INK, size: 12, family },
        margin: { l: 8, r: 14, t: 10, b: 8 },
        hoverlabel: { bgcolor: "#fffefc", bordercolor: INK, align: "left", font: { color: INK, size: 13, family } },
      }, solid ? { scene: scene() } : { dragmode: false, xaxis: axis, yaxis: axis }, figure.layout, state.layout);
      note.textContent = state.note ?? "";
      return Plotly.react(plot, data, layout, { displayModeBar: false, doubleClick: false, scrollZoom: false });
    }

    // A surface's scene. A finger scrolls the page; it turns the surface by the slider.
    function scene() {
      const axis = { gridcolor: GRID, linecolor: LINE, zeroline: false, showspikes: false, color: INK };
      const dragmode = matchMedia("(pointer: coarse)").matches ? false : "turntable";
      // uirevision: what the mouse has turned stays turned when a state is drawn anew.
      return { xaxis: axis, yaxis: axis, zaxis: axis, dragmode, uirevision: "turned", camera: { eye: eye(turn.place()), center: { x: 0, y: 0, z: -0.18 } }, aspectmode: "cube" };
    }

    // The pin at the grid's point that the arrow keys have come to, and the words for it.
    function here(data) {
      const mark = { type: "scatter3d", mode: "lines+markers", hoverinfo: "skip", x: [], y: [], z: [],
        line: { color: INK, width: 5 }, marker: { size: [7, 0], color: INK, line: { width: 0 } } };
      if (!cell) return mark;
      const { x, y, z } = grid(data);
      const [row, column] = cell;
      const at = { x: x[column], y: y[row], z: z[row][column] };
      value.textContent = (figure.say ?? "{x}, {y}: {z}").replace(/\{([xyz])\}/g, (_, key) => Number(at[key].toFixed(2)));
      const heights = z.flat(), pin = 0.12 * (Math.max(...heights) - Math.min(...heights));
      return { ...mark, x: [at.x, at.x], y: [at.y, at.y], z: [at.z, at.z + pin] };
    }

    function grid(data) {
      const { z, x = [...z[0].keys()], y = [...z.keys()] } = data.find((trace) => trace.type === "surface");
      return { x, y, z };
    }

    function walk(key) {
      const { x, y } = grid(figure.data);
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] }[key] ?? [0, 0];
      const from = cell ?? [y.length >> 1, x.length >> 1];
      cell = [[from[0] + step[0], y.length], [from[1] + step[1], x.length]].map(([at, size]) => Math.min(Math.max(at, 0), size - 1));
      draw();
    }

    function sayNames(traces) {
      const names = traces.map((trace) => trace.name);
      const known = [...legend.children].map((button) => button.textContent);
      if (names.length < 2) legend.replaceChildren();
      else if (names.join("\n") !== known.join("\n")) {
        legend.replaceChildren(...traces.map((trace) => {
          const button = element("button", "", { type: "button" }, trace.name);
          button.insertAdjacentHTML("afterbegin", swatch(trace));
          button.addEventListener("click", () => {
            if (!off.delete(trace.name)) off.add(trace.name);
            draw();
          });
          return button;
        }));
      }
      for (const button of legend.children) button.setAttribute("aria-pressed", !off.has(button.textContent));
    }

    let width = 0, point, cell;
    const resized = new ResizeObserver(() => { if (plot.clientWidth !== width) draw(); });

    function close() {
      resized.disconnect();
      Plotly.purge(plot); // a browser has few WebGL contexts
      box.remove();
      image.hidden = false;
    }

    plot.style.maxWidth = figure.width ? `${figure.width}px` : "";
    image.after(box);
    image.hidden = true;
    try {
      await draw();
    } catch (error) {
      close();
      throw error;
    }
    resized.observe(box);
    if (solid) {
      plot.addEventListener("focus", () => { if (plot.matches(":focus-visible")) walk(); });
      plot.addEventListener("keydown", (event) => {
        if (!isStep(event)) return;
        event.preventDefault();
        walk(event.key);
      });
    } else {
      const go = (key) => {
        point = neighbour(plot, point, key);
        if (!point) return;
        Plotly.Fx.hover(plot, [{ curveNumber: point.curveNumber, pointNumber: point.pointNumber }]);
        setTimeout(() => { // it may wait 50 ms
          const lines = plot.querySelectorAll(".hovertext tspan.line, .hovertext text:not(:has(.line))");
          value.textContent = [...lines].map((line) => line.textContent).join(" ");
        }, 80);
      };
      plot.addEventListener("focus", () => { if (plot.matches(":focus-visible")) go(); });
      plot.addEventListener("keydown", (event) => {
        if (!isStep(event)) return;
        event.preventDefault();
        go(event.key);
      });
      plot.addEventListener("blur", () => Plotly.Fx.unhover(plot));
    }
    return { box, close };
  }

  for (const image of document.querySelectorAll("img[data-plotly]")) {
    const button = element("button", "md-button book-figure__open", { type: "button", "aria-expanded": false }, words.open);
    let opened, busy = false;

    function close() {
      opened.close();
      opened = undefined;
      button.textContent = words.open;
      button.setAttribute("aria-expanded", false);
      button.focus();
    }

    button.addEventListener("click", async () => {
      if (busy) return;
      if (opened) return close();
      busy = true;
      button.textContent = words.wait;
      try {
        opened = await open(image);
        button.textContent = words.back;
        button.setAttribute("aria-expanded", true);
        opened.box.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
        opened.box.scrollIntoView({ block: "nearest" });
        opened.box.querySelector("select, input, [tabindex]").focus({ preventScroll: true });
      } catch (error) {
        button.textContent = `${words.failed}: ${error.message}`;
      }
      busy = false;
    });
    image.after(button);
  }
})();
