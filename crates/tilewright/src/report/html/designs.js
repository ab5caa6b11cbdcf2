
/* Shows one design: settings and figures, what beats it, the command that gives them again, its price and its mapping. */
const designPanel = ({ measures, goals, limits, axes, designs, again, alone }, { number, escaped, named, words }, choose) => {
  const byId = (id) => document.getElementById(id);
  const { names, designs: details } = JSON.parse(byId("details").textContent);
  const front = designs.filter((design) => design.front);
  const panel = byId("chosen");
  panel.innerHTML = "<div id=\"facts\" aria-live=\"polite\"><\/div><div id=\"price\"><\/div><div id=\"mapping\"><\/div>";
  const [facts, price, mapping] = ["facts", "price", "mapping"].map(byId);

  const commandOf = ({ start, words: of, end }, design) =>
    [start, ...of.map((values, axis) => values[design.at[axis]]), end].filter((each) => each !== "").join(" ");
  const shell = (command) => `<pre class="command" tabindex="0">${escaped(command)}<\/pre>`;
  /* How to see what this page leaves out. */
  const howToDraw = (design, what) =>
    `<p class="facts">${what} Its own page has them:<\/p>${shell(`${commandOf(alone, design)} --format html -o design.html`)}`;

  /* A goal's value turned so that less is better; that of a rate known by its interval at its best end, null if nothing is known. */
  const least = (goal, design) => {
    const values = goal.of.map((place) => (design.rate && measures[place].name === "rate" ? design.rate[1] : design.is[place]));
    return values.includes(null) ? null : (goal.more ? -1 : 1) * values.reduce((product, value) => product * value, 1);
  };
  const valuesOf = (design) => goals.map((goal) => least(goal, design));
  const frontValues = front.map(valuesOf);
  const beaten = (design) => {
    if (design.beyond) return `<p class="facts">It does not keep to ${design.beyond.map((place) => escaped(limits[place])).join(", ")}.<\/p>`;
    const values = valuesOf(design);
    const known = values.flatMap((value, goal) => (value === null ? [] : [goal]));
    const isWhole = known.length === goals.length;
    const unknown = isWhole || design.rate ? "" : "It was not simulated: whatever it recognises, others are better. ";
    const better = front[frontValues.findIndex((other) => known.every((goal) => other[goal] <= values[goal]))];
    if (!better) return `<p class="facts">${unknown || "It was dropped before all images had been shown to it."}<\/p>`;
    const figures = known.map((goal) => {
      const [own, other] = [values[goal], least(goals[goal], better)].map(Math.abs);
      /* What differs is not written alike. */
      const write = own !== other && number(own) === number(other) ? String : number;
      const upTo = design.rate && goals[goal].of.some((place) => measures[place].name === "rate") ? "at most " : "";
      const name = escaped(goals[goal].name);
      return own === other ? `the same ${name} (${number(own)})` : `${name} ${write(other)} instead of ${upTo}${write(own)}`;
    }).join(", ");
    const isEqual = known.every((goal) => values[goal] === least(goals[goal], better));
    const rest = isWhole ? " in every objective" : " in what is known";
    const how = isEqual ? `is equal${rest} and comes before it` : `${isWhole ? "is better" : `is at least as good${rest}`}: ${figures}`;
    return `<p class="facts">${unknown}On the front, <button type="button" class="link" data-place="${better.place}">${escaped(words(better))}<\/button> ${how}.<\/p>`;
  };

  const describe = (design) => {
    const pairs = [
      ...axes.map((axis, place) => [axis.name, axis.values[design.at[place]]]),
      ...measures.map((measure, place) => [named(measure), design.is[place]]).filter(([, value]) => value !== null)
        .map(([name, value]) => [name, number(value)]),
    ];
    const interval = design.rate ? `<p class="facts">Dropped early: its rate is between ${number(design.rate[0])} and ${number(design.rate[1])} % (99.9 % interval).<\/p>` : "";
    facts.innerHTML = `<h3>${design.front ? "A design of the front" : "A design that is not on the front"}<\/h3><dl class="settings">${
      pairs.map(([name, value]) => `<div><dt>${escaped(name)}<\/dt><dd>${escaped(value)}<\/dd><\/div>`).join("")}<\/dl>${interval}${
      design.front ? "" : beaten(design)}<p class="facts">The command that reproduces these figures:<\/p>${shell(commandOf(again, design))}`;
  };

  /* A price as a table whose rows open and close. */
  const AREA = 1;
  const ENERGY = 2;
  const rowsOf = (node, root, [path, depth, isOpen]) => {
    const [name, area, energy, parts] = node;
    const way = depth === 0 ? "total" : `${path}${names[name]}`;
    const word = depth === 0 ? "total" : names[name];
    const share = (place) => (root[place] > 0 ? node[place] / root[place] : 0);
    const figure = (value) => `<td class="number" data-value="${value}">${number(value)}<\/td>`;
    const part = (value) => `<td class="number part" data-value="${value}" style="--part:${value.toFixed(4)}">${(100 * value).toFixed(1)} %<\/td>`;
    const head = parts.length > 0 ? `<button type="button" aria-expanded="${isOpen(depth)}">${escaped(word)}<\/button>` : escaped(word);
    const row = `<tr data-depth="${depth}"><th scope="row" data-value="${escaped(way)}" style="--depth:${depth}">${head}<\/th>${
      figure(area * 1e-6)}${part(share(AREA))}${figure(energy * 1e-6)}${part(share(ENERGY))}<\/tr>`;
    return [row, ...parts.flatMap((each) => rowsOf(each, root, [depth === 0 ? "" : `${way} / `, depth + 1, isOpen]))];
  };
  const heads = ["part", "mm²", "of area", "µJ an image", "of energy"];
  const fold = (table) => {
    let closed = Infinity;
    [...table.tBodies[0].rows].forEach((row) => {
      const depth = Number(row.dataset.depth);
      if (depth <= closed) closed = Infinity;
      row.hidden = depth > closed;
      if (!row.hidden && row.querySelector("[aria-expanded=false]")) closed = depth;
    });
  };
  let byLayer = false;
  const showPrice = (detail) => {
    const root = byLayer ? detail.by_layer : detail.by_component;
    const rows = rowsOf(root, root, ["", 0, (depth) => !byLayer || depth === 0]);
    price.innerHTML = `<h3>What its price is made of<\/h3><p class="chooser"><label for="price-by">Parts<\/label> <select id="price-by"><option value="component">by component<\/option><option value="layer"${
      byLayer ? " selected" : ""}>by layer<\/option><\/select><\/p><div class="scroll tree" tabindex="0" role="region" aria-label="price by ${
      byLayer ? "layer" : "component"}"><table><thead><tr>${heads.map((head, place) => `<th scope="col"${place ? " class=\"number\"" : ""}>${head}<\/th>`).join("")}<\/tr><\/thead><tbody>${
      rows.join("")}<\/tbody><\/table><\/div>`;
    const table = price.querySelector("table");
    fold(table);
    table.addEventListener("click", ({ target }) => {
      if (!target.matches("[aria-expanded]")) return;
      target.setAttribute("aria-expanded", String(target.getAttribute("aria-expanded") === "false"));
      fold(table);
    });
    byId("price-by").addEventListener("change", ({ target }) => {
      byLayer = target.value === "layer";
      showPrice(detail);
      byId("price-by").focus();
    });
    offerToSave(price);
  };

  /* The drawings of a layer; of the next design, those of the layer of the same name. */
  let lookedAt = null;
  const showMapping = (design, { layers }) => {
    const drawn = layers.filter(([, , drawing]) => drawing !== null);
    const most = drawn.reduce((best, layer) => (best && best[1] >= layer[1] ? best : layer), null);
    const first = drawn.find(([name]) => names[name] === lookedAt) ?? most;
    const options = layers.map((layer, place) => {
      const [name, crossbars, drawing] = layer;
      const held = `${names[name]}: ${crossbars.toLocaleString("en")} ${crossbars === 1 ? "crossbar" : "crossbars"}`;
      return `<option value="${place}"${layer === first ? " selected" : ""}${drawing === null ? " disabled" : ""}>${escaped(held)}${drawing === null ? " (not drawn)" : ""}<\/option>`;
    });
    const missing = layers.length - drawn.length;
    const note = missing ? howToDraw(design, `${drawn.length} of ${layers.length} layers are drawn; the others would make the page too large.`) : "";
    mapping.innerHTML = `<h3>How it maps the network<\/h3><p class="chooser"><label for="layer-select">Layer<\/label> <select id="layer-select">${
      options.join("")}<\/select><\/p><div id="layer" class="drawn"><\/div>${note}`;
    const show = ([name, , drawing]) => {
      const layer = byId(`drawing-${drawing}`).content.firstElementChild.cloneNode(true);
      layer.hidden = false;
      const title = Object.assign(document.createElement("p"), { className: "of-layers", textContent: names[name] });
      byId("layer").replaceChildren(title, layer);
      layer.querySelectorAll(".cells").forEach(readCells);
      readMarks(layer);
      offerToSave(layer);
    };
    if (first) show(first);
    byId("layer-select").addEventListener("change", ({ target }) => {
      const layer = layers[target.value];
      lookedAt = names[layer[0]];
      show(layer);
    });
  };

  panel.addEventListener("click", ({ target }) => {
    if (target.matches("button.link")) choose(Number(target.dataset.place));
  });
  return (design) => {
    const detail = details[design.place];
    describe(design);
    price.replaceChildren();
    mapping.replaceChildren();
    if (detail) {
      showPrice(detail);
      showMapping(design, detail);
    } else {
      mapping.innerHTML = howToDraw(design, design.front
        ? "Mapping and price of this design are not on this page, since the front is too large for it."
        : "Mapping and price are shown for designs of the front.");
    }
  };
};
