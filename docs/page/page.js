"use strict";

/* This file is both the page and its worker: the worker holds the WebAssembly, so that the page never stands still. */
if (typeof document === "undefined") startWorker();
else startPage();

/* ------------------------------------------------------------------ worker */

function startWorker() {
  const compiled = fetch("tilewright.wasm").then(async (response) => {
    if (!response.ok) throw new Error(`tilewright.wasm: ${response.status} ${response.statusText}`);
    return WebAssembly.compile(await response.arrayBuffer());
  });
  let core = null;
  let opened = null;

  const write = (room, bytes) => {
    const at = room(bytes.length);
    new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes);
  };
  const ask = (question, file) => {
    if (file) write(core.file, file);
    write(core.question, new TextEncoder().encode(JSON.stringify(question)));
    core.ask();
    return JSON.parse(new TextDecoder().decode(new Uint8Array(core.memory.buffer, core.answer(), core.answer_length())));
  };
  const start = async () => {
    core = (await WebAssembly.instantiate(await compiled, {})).exports;
    if (opened) ask(opened.question, opened.file);
  };

  onmessage = async ({ data: { id, question, file } }) => {
    const begun = performance.now();
    let answer;
    try {
      if (!core) await start();
      answer = ask(question, file);
      if (file && !answer.error) opened = { question, file };
    } catch (error) {
      // After a trap the core's memory may hold anything: the next question gets a new one.
      core = null;
      answer = { error: error instanceof WebAssembly.RuntimeError
        ? "this is too large for a browser (32-bit addresses); the tilewright command has no such limit"
        : String(error.message || error) };
    }
    postMessage({ id, answer, ms: performance.now() - begun });
  };
}

/* -------------------------------------------------------------------- page */

function startPage() {
  const $ = (id) => document.getElementById(id);
  const SIZES = [16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024];
  const KERNELS = ["3d", "ratio=0.25", "ratio=0.5", "ratio=0.75", "2d1d"];
  const SHARES = ["0 %", "25 %", "50 %", "75 %", "100 %"];
  const OWN_FILE = "";
  const DEFAULTS = { model: "resnet18", chip: "generic-22nm", scheme: "im2col", kernels: "3d" };
  const OPTIONS = ["crossbar", "encoding", "weight-bits", "cell-bits", "input-bits"];
  const state = { ...DEFAULTS };
  let choices = null;
  let openedName = null;
  let looked = null;
  let points = [];

  /* Questions: one at a time; of a kind only the latest waits. */
  const ORDER = ["choices", "open", "look", "wires", "front"];
  const worker = new Worker("page.js");
  const waiting = new Map();
  let running = null;
  const pump = () => {
    const kind = ORDER.find((each) => waiting.has(each));
    if (running || !kind) return;
    running = waiting.get(kind);
    waiting.delete(kind);
    worker.postMessage({ id: kind, question: running.question, file: running.file });
  };
  const ask = (question, file) => new Promise((resolve) => {
    waiting.get(question.ask)?.resolve(null);
    waiting.set(question.ask, { question, file, resolve });
    pump();
  });
  worker.onmessage = ({ data }) => {
    const { resolve } = running;
    running = null;
    resolve({ ...data.answer, ms: data.ms });
    pump();
  };
  worker.onerror = () => fail("the page's worker did not start; serve the page over http, not from a file");

  /* ------------------------------------------------------------- elements */

  const SVG = "http://www.w3.org/2000/svg";
  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...children);
    return element;
  };
  const draw = (name, attributes = {}, ...children) => {
    const element = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...children);
    return element;
  };
  const option = (value, words) => make("option", { value }, words);
  const whole = (value) => value.toLocaleString("en");
  const number = (value) => {
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size >= 1e9 || size < 1e-3) return value.toExponential(2).replace("e+", "e");
    return value.toLocaleString("en", { maximumSignificantDigits: size >= 1000 ? 6 : 4, maximumFractionDigits: size >= 1000 ? 0 : 6 });
  };
  const percent = (part) => `${(100 * part).toLocaleString("en", { maximumFractionDigits: 1 })} %`;
  const say = (words) => { $("status").textContent = words; };
  const fail = (words, id = "problem") => {
    $(id).hidden = !words;
    $(id).textContent = words || "";
  };
  const copy = async (text, button) => {
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    say(button.textContent);
    setTimeout(() => { button.textContent = words; }, 1500);
  };

  /* ---------------------------------------------------------------- state */

  const setup = () => {
    const chosen = { chip: state.chip, scheme: state.scheme };
    if (state.model !== OWN_FILE) chosen.model = state.model;
    if (state.kernels !== "3d") chosen.kernels = state.kernels;
    OPTIONS.filter((name) => state[name] !== undefined).forEach((name) => {
      chosen[name] = name.endsWith("bits") ? Number(state[name]) : state[name];
    });
    return chosen;
  };
  const readHash = () => {
    const found = new URLSearchParams(location.hash.slice(1));
    const known = ["model", "chip", "scheme", "kernels", ...OPTIONS, "layer"];
    known.forEach((name) => {
      if (found.has(name)) state[name] = found.get(name);
      else if (DEFAULTS[name]) state[name] = DEFAULTS[name];
      else delete state[name];
    });
    if (state.model === OWN_FILE && !openedName) state.model = DEFAULTS.model;
  };
  const writeHash = () => {
    const kept = Object.entries(state).filter(([name, value]) => value !== undefined && value !== DEFAULTS[name] && value !== "");
    const hash = new URLSearchParams(kept).toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  };
  const design = () => choices.designs.find((each) => each.name === state.chip) || choices.designs[0];
  const ofDesign = (name) => {
    const own = design();
    return { crossbar: own.crossbar.join("×"), encoding: own.encoding, "weight-bits": own.weight_bits,
      "cell-bits": own.cell_bits, "input-bits": own.input_bits }[name];
  };

  const command = () => {
    const model = state.model === OWN_FILE ? `${openedName}` : state.model;
    const words = ["tilewright cost", /^[\w.:=,-]+$/.test(model) ? model : `'${model.replaceAll("'", "'\\''")}'`];
    const options = { scheme: state.scheme, chip: state.chip, kernels: state.kernels === "3d" ? undefined : state.kernels };
    OPTIONS.forEach((name) => { options[name] = state[name]; });
    Object.entries(options).forEach(([name, value]) => { if (value !== undefined) words.push(`--${name} ${value}`); });
    return words.join(" ");
  };

  /* Shows the state in the controls. */
  const showSetup = () => {
    if (openedName && ![...$("model").options].some((each) => each.value === OWN_FILE)) $("model").prepend(option(OWN_FILE, ""));
    if (openedName) $("model").options[0].textContent = `${openedName} (your file)`;
    ["model", "scheme", "chip"].forEach((name) => { $(name).value = state[name]; });
    const meaning = (list, name) => list.find((each) => each.name === name)?.meaning || "";
    $("model-meaning").textContent = state.model === OWN_FILE ? "your file; a link cannot carry it" : meaning(choices.networks, state.model);
    $("scheme-meaning").textContent = meaning(choices.schemes, state.scheme);
    const plan = KERNELS.indexOf(state.kernels);
    $("kernels").value = Math.max(plan, 0);
    const share = plan < 0 ? state.kernels : SHARES[plan];
    $("kernels-out").textContent = share;
    $("kernels").setAttribute("aria-valuetext", `${share} of the layers that can have them`);
    const size = String(state.crossbar || design().crossbar.join("x"));
    const rows = Number(size.split("x")[0]);
    const nearest = SIZES.reduce((best, each, at) => (Math.abs(each - rows) < Math.abs(SIZES[best] - rows) ? at : best), 0);
    $("crossbar").value = nearest;
    const shown = size.includes("x") ? size.replace("x", "×") : `${size}×${size}`;
    $("crossbar-out").textContent = state.crossbar ? shown : `${shown}, the design’s`;
    $("crossbar").setAttribute("aria-valuetext", $("crossbar-out").textContent);
    OPTIONS.slice(1).forEach((name) => {
      const first = $(name).options[0];
      first.textContent = name.endsWith("bits") ? `design: ${ofDesign(name)}` : `${ofDesign(name)} (the design’s)`;
      if (name.endsWith("bits") && state.model === OWN_FILE && name !== "cell-bits") first.textContent = "model or design";
      $(name).value = state[name] ?? "";
    });
    $("command").textContent = command();
  };

  /* -------------------------------------------------------------- numbers */

  const showTotals = ({ mapping, cost }) => {
    const total = (first, value, words, small) => make("div", { class: first ? "total first" : "total" },
      make("strong", {}, value), make("span", {}, words), make("small", {}, small));
    $("totals").replaceChildren(
      total(true, whole(mapping.total.crossbars), "crossbars", `${percent(mapping.total.utilization)} of their cells hold a weight`),
      total(false, number(cost.area_mm2), "mm²", `at ${cost.node_nm} nm`),
      total(false, number(cost.energy_uj), "µJ an image", `${number(cost.tops_per_w)} TOPS/W`),
      total(false, number(cost.latency_ms), "ms latency", `${number(cost.images_per_second)} images a second`),
    );
    const notes = [
      `${percent(mapping.coverage.share)} of the network’s multiply-accumulates are on crossbars; ${whole(mapping.digital.length)} operations stay digital.`,
      `${mapping.weight_bits}-bit weights in ${mapping.cell_bits}-bit cells, ${mapping.columns_per_weight} columns a weight; ${cost.input_bits}-bit inputs.`,
      cost.adc ? `${cost.adc.bits}-bit converters, priced by the model ${cost.adc.model}.` : "The design has no converters of its own.",
      ...(mapping.reading ? [`${mapping.reading}.`] : []),
      ...cost.notes.map((note) => `${note}.`),
    ];
    if (cost.unpriced?.length) notes.push(`Without a price: ${cost.unpriced.map((each) => each.name).join(", ")}.`);
    $("notes-list").replaceChildren(...notes.map((note) => make("li", {}, note)));
  };

  const showLayers = ({ mapping, cost, layer }) => {
    const prices = new Map(cost.by_layer.parts.map((part) => [part.name, part]));
    const rows = mapping.layers.map((each) => {
      const price = prices.get(each.name);
      const button = make("button", { type: "button", class: "layer-button", "data-layer": each.name }, each.name);
      const cell = (words, kind = "number") => make("td", { class: kind }, words);
      const energy = price ? number((price.energy_pj + price.leakage_pj) * 1e-6) : "–";
      const row = make("tr", each.name === layer ? { class: "own", "aria-current": "true" } : {}, make("th", { scope: "row" }, button),
        cell(each.kind, `kind k-${each.kind}`), cell(each.output_window.join("×"), ""), cell(whole(each.crossbars)), cell(whole(each.cycles)),
        cell(percent(each.utilization)), cell(price ? number(price.area_um2 * 1e-6) : "–"), cell(energy));
      return row;
    });
    const focused = document.activeElement?.dataset?.layer;
    $("layer-rows").replaceChildren(...rows);
    if (focused) [...document.querySelectorAll(".layer-button")].find((each) => each.dataset.layer === focused)?.focus({ preventScroll: true });
    $("layer-select").replaceChildren(...mapping.layers.map((each) => option(each.name, each.name)));
    $("layer-select").value = layer;
  };

  const showDrawing = ({ drawing }) => {
    if (!drawing) {
      $("drawing").replaceChildren(make("p", { class: "empty" }, "This crossbar has too many cells to draw."));
      return;
    }
    // The core escapes every name it writes, and the policy of this page runs no script in it.
    $("drawing").innerHTML = drawing;
    $("drawing").querySelectorAll(".cells").forEach(readCells);
  };

  /* ---------------------------------------------------------------- front */

  const frontOf = (all) => {
    const sorted = [...all].sort((a, b) => a.area_mm2 - b.area_mm2 || a.latency_ms - b.latency_ms);
    let least = Infinity;
    return sorted.filter((each) => {
      const keep = each.latency_ms < least;
      least = Math.min(least, each.latency_ms);
      return keep;
    });
  };

  /* Ticks of 1, 2 and 5 times a power of ten; fewer where they crowd. */
  const ticks = (low, high) => {
    const all = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
      [1, 2, 5].forEach((step) => all.push({ step, value: Number(`${step}e${power}`) }));
    }
    const inside = all.filter(({ value }) => value >= low && value <= high);
    const steps = inside.length > 8 ? [1] : [1, 2, 5];
    return inside.filter(({ step }) => steps.includes(step)).map(({ value }) => value);
  };

  const mark = (place, [x, y], isOpen) => {
    const style = isOpen ? "fill: var(--page); stroke: var(--kind); stroke-width: 2" : "";
    // Schemes beyond the colours there are get another shape.
    const shape = place < 6 ? draw("circle", { cx: x, cy: y, r: 5 }) : draw("path", { d: `M${x} ${y - 6.5}L${x + 6.5} ${y}L${x} ${y + 6.5}L${x - 6.5} ${y}z` });
    shape.setAttribute("class", "mark");
    if (style) shape.style.cssText = style;
    return shape;
  };

  const showFront = () => {
    if (!points.length) {
      $("chart").replaceChildren();
      $("front-rows").replaceChildren();
      return;
    }
    const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 430, 66, 708, 14, 376];
    const range = (key) => {
      const values = points.map((each) => each[key]);
      return [Math.min(...values) / 1.15, Math.max(...values) * 1.15];
    };
    const [areas, times] = [range("area_mm2"), range("latency_ms")];
    const scale = ([low, high], from, to) => (value) => from + ((to - from) * Math.log(value / low)) / Math.log(high / low);
    const [x, y] = [scale(areas, LEFT, RIGHT), scale(times, BOTTOM, TOP)];
    const place = (each) => [x(each.area_mm2), y(each.latency_ms)];
    const path = (list) => list.map((each, at) => `${at ? "L" : "M"}${place(each).map((value) => value.toFixed(1)).join(" ")}`).join("");
    const best = frontOf(points);
    const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": `Area against latency, both logarithmic: ${points.length} mappings, ${best.length} of them on the front` });
    const words = (at, text, more) => draw("text", { x: at[0], y: at[1], class: "tick", ...more }, text);
    ticks(...areas).forEach((value) => svg.append(
      draw("line", { class: "grid", x1: x(value), x2: x(value), y1: TOP, y2: BOTTOM }),
      words([x(value), BOTTOM + 18], number(value), { "text-anchor": "middle" })));
    ticks(...times).forEach((value) => svg.append(
      draw("line", { class: "grid", x1: LEFT, x2: RIGHT, y1: y(value), y2: y(value) }),
      words([LEFT - 8, y(value) + 4], number(value), { "text-anchor": "end" })));
    svg.append(draw("rect", { class: "frame", x: LEFT, y: TOP, width: RIGHT - LEFT, height: BOTTOM - TOP }),
      words([(LEFT + RIGHT) / 2, HEIGHT - 14], "area, mm²", { "text-anchor": "middle", class: "axis" }),
      words([14, (TOP + BOTTOM) / 2], "latency, ms", { "text-anchor": "middle", class: "axis", transform: `rotate(-90 14 ${(TOP + BOTTOM) / 2})` }),
      draw("path", { class: "frontier", d: path(best) }));
    const schemes = choices.schemes.map((each) => each.name);
    schemes.forEach((scheme, at) => {
      const line = points.filter((each) => each.scheme === scheme);
      svg.append(draw("path", { class: `path n${at % 6}`, d: path(line) }));
    });
    points.forEach((each) => {
      const at = schemes.indexOf(each.scheme);
      const share = SHARES[KERNELS.indexOf(each.kernels)];
      const label = `${each.scheme}, ${share} 2D+1D: ${number(each.area_mm2)} mm², ${number(each.latency_ms)} ms, ${number(each.energy_uj)} µJ, ${whole(each.crossbars)} crossbars`;
      const isOwn = each.scheme === state.scheme && each.kernels === state.kernels;
      const link = draw("a", { href: "#", role: "button", "aria-label": label, class: `n${at % 6}`, "data-place": `${each.scheme} ${each.kernels}`, "aria-pressed": String(isOwn) },
        draw("title", {}, label), mark(at, place(each), each.kernels === "3d"));
      if (isOwn) {
        const [cx, cy] = place(each);
        link.append(draw("circle", { class: "own", cx, cy, r: 10 }));
      }
      const choose = (event) => {
        event.preventDefault();
        change({ scheme: each.scheme, kernels: each.kernels });
      };
      link.addEventListener("click", choose);
      link.addEventListener("keydown", (event) => { if (event.key === " ") choose(event); });
      svg.append(link);
    });
    const focused = document.activeElement?.getAttribute?.("data-place");
    $("chart").replaceChildren(svg);
    if (focused) [...svg.querySelectorAll("a")].find((each) => each.dataset.place === focused)?.focus({ preventScroll: true });
    $("keys").replaceChildren(...schemes.filter((scheme) => points.some((each) => each.scheme === scheme)).map((scheme) => {
      const at = schemes.indexOf(scheme);
      return make("li", {}, draw("svg", { viewBox: "0 0 14 14", class: `n${at % 6}`, "aria-hidden": "true" }, mark(at, [7, 7], false)), scheme);
    }));
    $("front-rows").replaceChildren(...best.map((each) => {
      const button = make("button", { type: "button", class: "layer-button" }, each.scheme);
      button.addEventListener("click", () => change({ scheme: each.scheme, kernels: each.kernels }));
      const cells = [number(each.area_mm2), number(each.latency_ms), number(each.energy_uj), whole(each.crossbars)];
      return make("tr", {}, make("th", { scope: "row" }, button), make("td", {}, SHARES[KERNELS.indexOf(each.kernels)]), ...cells.map((words) => make("td", { class: "number" }, words)));
    }));
  };

  /* Points depend on all but scheme and kernels. */
  let frontOfSetup = null;
  const refreshFront = async () => {
    const { scheme, kernels, ...rest } = setup();
    const key = JSON.stringify([rest, openedName]);
    if (key === frontOfSetup) {
      showFront();
      return;
    }
    frontOfSetup = key;
    const found = [];
    const missing = new Map();
    for (const { name } of choices.schemes) {
      const answer = await ask({ ask: "front", setup: { ...rest, scheme: name }, kernels: KERNELS });
      if (!answer || frontOfSetup !== key) return;
      if (answer.error) missing.set(name, answer.error);
      else {
        found.push(...answer.points);
        answer.missing.forEach((each) => missing.set(each.scheme, each.because));
      }
      points = [...found];
      showFront();
    }
    $("missing").hidden = missing.size === 0;
    $("missing").textContent = missing.size ? `Missing: ${[...missing].map(([name, because]) => `${name} (${because})`).join("; ")}` : "";
    document.documentElement.dataset.front = Math.round(performance.now());
  };

  /* ---------------------------------------------------------------- wires */

  const wiresOf = () => ({ layer: looked.layer, wire: Number($("wire").value), source: Number($("source").value), sink: Number($("sink").value),
    "g-on": Number($("g-on").value) * 1e-6, "on-off": Number($("on-off").value), seed: 1 });
  const solve = async () => {
    const answer = await ask({ ask: "wires", setup: setup(), wires: wiresOf() });
    if (!answer) return;
    fail(answer.error, "wires-problem");
    if (answer.error) {
      $("heat").replaceChildren();
      $("heat-facts").replaceChildren();
      return;
    }
    $("heat").innerHTML = answer.figure;
    $("heat").append(make("figcaption", {}, `Voltage across each cell of a crossbar of ${answer.layer}, as a part of the source’s: ${answer.rows} word lines and ${answer.columns} bit lines in use.`));
    const fact = (name, value) => [make("dt", {}, name), make("dd", {}, value)];
    $("heat-facts").replaceChildren(...fact("Current lost", percent(answer.mean_loss)), ...fact("Worst column", percent(answer.worst_loss)),
      ...fact("Best column", percent(answer.least_loss)), ...fact("Least voltage across a cell", percent(answer.least_voltage)),
      ...fact("No current is off by more than", answer.residual.toExponential(1)), ...fact("Solved in", `${number(answer.ms)} ms`));
  };
  const saveCase = async () => {
    const answer = await ask({ ask: "wires", setup: setup(), wires: { ...wiresOf(), case: true } });
    if (!answer || answer.error) {
      if (answer) fail(answer.error, "wires-problem");
      return;
    }
    const link = make("a", { href: URL.createObjectURL(new Blob([JSON.stringify(answer.case)], { type: "application/json" })), download: "crossbar.json" });
    link.click();
    URL.revokeObjectURL(link.href);
  };

  /* ---------------------------------------------------------------- redraw */

  const redraw = async () => {
    const begun = performance.now();
    showSetup();
    writeHash();
    $("results").setAttribute("aria-busy", "true");
    const answer = await ask({ ask: "look", setup: setup(), layer: state.layer ?? null });
    if (!answer) return;
    $("results").setAttribute("aria-busy", "false");
    fail(answer.error);
    if (answer.error) return;
    looked = answer;
    if (state.layer && !answer.layer.startsWith(state.layer)) {
      delete state.layer;
      writeHash();
    }
    showTotals(answer);
    showLayers(answer);
    showDrawing(answer);
    document.documentElement.dataset.redraw = Math.round(performance.now() - begun);
    document.documentElement.dataset.core = Math.round(answer.ms);
    document.documentElement.dataset.drawn ??= Math.round(performance.now());
    say(`${whole(answer.mapping.total.crossbars)} crossbars, ${number(answer.cost.area_mm2)} square millimetres, ${number(answer.cost.energy_uj)} microjoules, ${number(answer.cost.latency_ms)} milliseconds`);
    await solve();
    refreshFront();
  };
  const change = (changes) => {
    Object.assign(state, changes);
    Object.keys(changes).forEach((name) => { if (state[name] === undefined) delete state[name]; });
    return redraw();
  };

  const open = async (file) => {
    if (!file) return;
    $("drop-words").textContent = `Reading ${file.name} …`;
    const answer = await ask({ ask: "open", name: file.name }, new Uint8Array(await file.arrayBuffer()));
    $("drop-words").replaceChildren(make("strong", {}, "Open an ONNX file"), " or drop it anywhere");
    fail(answer?.error);
    if (!answer || answer.error) return;
    openedName = file.name;
    delete state.layer;
    frontOfSetup = null;
    change({ model: OWN_FILE });
  };

  /* ----------------------------------------------------------------- start */

  const theme = () => {
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
    const show = () => {
      $("theme").textContent = isDark() ? "Light" : "Dark";
      $("theme").setAttribute("aria-pressed", String(isDark()));
    };
    $("theme").addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      show();
    });
    system.addEventListener("change", show);
    show();
  };

  const listen = () => {
    ["model", "scheme", "chip"].forEach((name) => $(name).addEventListener("change", (event) => {
      if (name === "model") delete state.layer;
      change({ [name]: event.target.value });
    }));
    OPTIONS.slice(1).forEach((name) => $(name).addEventListener("change", (event) => change({ [name]: event.target.value || undefined })));
    $("kernels").addEventListener("input", (event) => change({ kernels: KERNELS[event.target.value] }));
    $("crossbar").addEventListener("input", (event) => change({ crossbar: String(SIZES[event.target.value]) }));
    $("reset").addEventListener("click", () => change(Object.fromEntries(OPTIONS.map((name) => [name, undefined]))));
    $("share").addEventListener("click", (event) => copy(location.href, event.target));
    $("copy").addEventListener("click", (event) => copy(command(), event.target));
    $("setup").addEventListener("submit", (event) => event.preventDefault());
    $("layer-select").addEventListener("change", (event) => change({ layer: event.target.value }));
    $("layer-rows").addEventListener("click", ({ target }) => { if (target.dataset.layer) change({ layer: target.dataset.layer }); });
    $("solver").addEventListener("submit", (event) => {
      event.preventDefault();
      solve();
    });
    $("case").addEventListener("click", saveCase);
    $("file").addEventListener("change", (event) => open(event.target.files[0]));
    addEventListener("dragover", (event) => {
      event.preventDefault();
      $("drop").classList.add("over");
    });
    addEventListener("dragleave", () => $("drop").classList.remove("over"));
    addEventListener("drop", (event) => {
      event.preventDefault();
      $("drop").classList.remove("over");
      open(event.dataTransfer.files[0]);
    });
    addEventListener("hashchange", () => {
      readHash();
      redraw();
    });
  };

  const start = async () => {
    theme();
    choices = await ask({ ask: "choices" });
    if (choices.error) {
      fail(choices.error);
      return;
    }
    $("core").textContent = choices.style;
    $("definitions").innerHTML = choices.definitions;
    $("footer").textContent = `Tilewright ${choices.version}. Methods, sources and limits are in its documentation.`;
    $("model").replaceChildren(...choices.networks.map((each) => option(each.name, each.name)));
    $("scheme").replaceChildren(...choices.schemes.map((each) => option(each.name, each.name)));
    $("chip").replaceChildren(...choices.designs.map((each) => option(each.name, each.name)));
    $("encoding").replaceChildren(option("", ""), ...choices.encodings.map((each) => option(each.name, `${each.name}: ${each.meaning}`)));
    [["weight-bits", 2], ["cell-bits", 1], ["input-bits", 1]].forEach(([name, least]) => {
      const bits = Array.from({ length: 17 - least }, (_, at) => least + at);
      $(name).replaceChildren(option("", ""), ...bits.map((each) => option(each, each)));
    });
    $("crossbar").max = SIZES.length - 1;
    listen();
    readHash();
    await redraw();
  };
  start();
}
