
/* The designs of a space by any two measures, coloured by a third; a click shows a design. */
(() => {
  const explored = JSON.parse(document.getElementById("designs").textContent);
  const { measures, axes, designs } = explored;
  const byId = (id) => document.getElementById(id);
  const [scatter, lines] = ["scatter", "parallel"].map(byId);
  const COLOURS = 6;
  const SQUARE = 100;
  const BOX = { left: 74, right: 26, top: 18, bottom: 52, width: 760, height: 440 };
  const isNarrow = matchMedia("(max-width: 560px)");
  const varied = axes.map((axis, place) => ({ ...axis, place })).filter((axis) => axis.values.length > 1);
  const byPlace = new Map(designs.map((design) => [design.place, design]));
  let chosen = null;
  /* The designs that the filters leave. */
  let shown = [];
  /* Those of them that are drawn, with where; from left to right once that is asked for. */
  let spots = [];
  let order = null;

  /* A format takes longer to make than to use. */
  const formats = new Map();
  const number = (value) => {
    if (value === null) return "unknown";
    const digits = Math.min(Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value) || 1))), 8);
    if (!formats.has(digits)) formats.set(digits, new Intl.NumberFormat("en", { maximumFractionDigits: digits }));
    return formats.get(digits).format(value);
  };
  const escaped = (text) => String(text).replace(/[&<>"]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;" })[letter]);
  const words = (design) => varied.map((axis) => `${axis.name} ${axis.values[design.at[axis.place]]}`).join(", ");

  /* A scale over values: logarithmic where they span more than a decade and a half. */
  const scale = (values, from, to) => {
    const known = values.filter((value) => value !== null);
    let [least, most] = known.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
    if (!Number.isFinite(least)) [least, most] = [0, 1];
    const logarithmic = least > 0 && most / least > 30;
    const turn = logarithmic ? Math.log10 : (value) => value;
    const margin = (turn(most) - turn(least)) * 0.04 || Math.abs(turn(most)) * 0.05 || 1;
    const [low, high] = [turn(least) - margin, turn(most) + margin];
    const at = (value) => from + ((turn(value) - low) / (high - low)) * (to - from);
    const ticks = [];
    if (logarithmic) {
      for (let power = Math.floor(low); power <= high; power += 1) {
        (high - low > 3 ? [1] : [1, 2, 5]).map((digit) => digit * 10 ** power)
          .filter((tick) => turn(tick) >= low && turn(tick) <= high).forEach((tick) => ticks.push(tick));
      }
    } else {
      const rough = (high - low) / 6;
      const power = 10 ** Math.floor(Math.log10(rough));
      const step = [1, 2, 5, 10].map((digit) => digit * power).find((each) => each >= rough);
      for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(Math.abs(tick) < step / 1e6 ? 0 : tick);
    }
    return { at, ticks };
  };
  const named = (measure) => (measure.unit ? `${measure.name} (${measure.unit})` : measure.name);

  /* In how many steps colours go: the values of an axis, or as many equal parts of what a measure spans. */
  const colouring = () => {
    const [kind, place] = byId("colour").value.split("-");
    if (kind === "axis") {
      const axis = axes[place];
      return { of: (design) => design.at[place] % COLOURS, names: axis.values.slice(0, COLOURS), more: axis.values.length > COLOURS };
    }
    const sorted = shown.map((design) => design.is[place]).filter((value) => value !== null).sort((a, b) => a - b);
    const ends = [...Array(COLOURS)].map((_, part) => sorted[Math.ceil(((part + 1) * sorted.length) / COLOURS) - 1]);
    const of = (design) => Math.max(0, ends.findIndex((end) => design.is[place] <= end));
    return { of, names: ends.map((end) => `to ${number(end ?? null)}`), more: false };
  };

  const drawScatter = () => {
    BOX.width = isNarrow.matches ? 440 : 760;
    scatter.setAttribute("viewBox", `0 0 ${BOX.width} ${BOX.height}`);
    const [x, y] = ["x", "y"].map((id) => Number(byId(id).value));
    const seen = shown.filter((design) => design.is[x] !== null && design.is[y] !== null);
    const across = scale(seen.map((design) => design.is[x]), BOX.left, BOX.width - BOX.right);
    const interval = (design) => (measures[y].name === "rate" && design.rate) || [];
    const up = scale(seen.flatMap((design) => [design.is[y], ...interval(design)]), BOX.height - BOX.bottom, BOX.top);
    const colour = colouring();
    const parts = [];
    const floor = BOX.height - BOX.bottom;
    let free = -Infinity;
    across.ticks.forEach((tick) => {
      const [left, text] = [across.at(tick), number(tick)];
      parts.push(`<path class="grid" d="M${left.toFixed(1)} ${BOX.top}V${floor}"/>`);
      const half = 5 + 4 * text.length;
      if (left - half < free) return;
      free = left + half;
      parts.push(`<text class="tick" x="${left.toFixed(1)}" y="${floor + 19}" text-anchor="middle">${text}<\/text>`);
    });
    up.ticks.forEach((tick) => parts.push(`<path class="grid" d="M${BOX.left} ${up.at(tick).toFixed(1)}H${BOX.width - BOX.right}"/><text class="tick" x="${BOX.left - 9}" y="${(up.at(tick) + 4).toFixed(1)}" text-anchor="end">${number(tick)}<\/text>`));
    parts.push(`<text class="axis" x="${(BOX.left + BOX.width - BOX.right) / 2}" y="${BOX.height - 8}" text-anchor="middle">${escaped(named(measures[x]))}<\/text>`);
    parts.push(`<text class="axis" transform="translate(16 ${(BOX.top + floor) / 2}) rotate(-90)" text-anchor="middle">${escaped(named(measures[y]))}<\/text>`);
    spots = seen.map((design) => ({ design, left: across.at(design.is[x]), top: up.at(design.is[y]) }));
    order = null;
    /* One path a colour and square, however many designs: a browser that draws one part leaves the others alone. Ends of no length are round dots. */
    const dots = new Map();
    const bars = [];
    spots.forEach(({ design, left, top }) => {
      const kind = (Math.floor(left / SQUARE) * BOX.height + Math.floor(top / SQUARE)) * COLOURS + colour.of(design);
      if (!dots.has(kind)) dots.set(kind, []);
      if (!design.front) dots.get(kind).push(`M${left.toFixed(1)} ${top.toFixed(1)}h0`);
      const [low, high] = interval(design).map((end) => up.at(end).toFixed(1));
      if (low) bars.push(`M${left.toFixed(1)} ${low}V${high}`);
    });
    parts.push(`<path class="interval" d="${bars.join("")}"/>`);
    dots.forEach((path, kind) => parts.push(`<path class="beaten n${kind % COLOURS}" d="${path.join("")}"/>`));
    /* What is best in these two measures alone. */
    const sign = (place) => (measures[place].more ? -1 : 1);
    const front = spots.filter(({ design }) => design.front)
      .sort((a, b) => sign(x) * (a.design.is[x] - b.design.is[x]) || sign(y) * (a.design.is[y] - b.design.is[y]));
    let best = Infinity;
    const stairs = front.filter(({ design }) => {
      const value = sign(y) * design.is[y];
      const isBetter = value < best;
      best = Math.min(best, value);
      return isBetter;
    });
    parts.push(`<path class="curve front" d="${stairs.map(({ left, top }, place) =>
      (place === 0 ? `M${left.toFixed(1)} ${top.toFixed(1)}` : `H${left.toFixed(1)}V${top.toFixed(1)}`)).join("")}"/>`);
    front.forEach(({ design, left, top }) => {
      const text = escaped(`${words(design)}: ${named(measures[x])} ${number(design.is[x])}, ${named(measures[y])} ${number(design.is[y])}`);
      parts.push(`<circle class="mark n${colour.of(design)}" cx="${left.toFixed(1)}" cy="${top.toFixed(1)}" r="6" tabindex="-1" role="button" data-place="${design.place}" aria-label="${text}"><title>${text}<\/title><\/circle>`);
    });
    parts.push("<circle class=\"halo-ring\" r=\"10\"/>");
    scatter.innerHTML = parts.join("");
    byId("legend").innerHTML = colour.names.map((name, place) => `<span class="kind n${place}">${escaped(name)}<\/span>`).join("") + (colour.more ? "<span>further values repeat colours<\/span>" : "");
    const hidden = shown.length - seen.length;
    byId("count").textContent = `${shown.length.toLocaleString("en")} designs, ${front.length.toLocaleString("en")} of them on the front${hidden ? `; ${hidden.toLocaleString("en")} were not simulated and have no such value` : ""}.`;
  };

  /* Where every design crosses the lines of settings and measures; null where it has no value. */
  const columns = () => {
    const top = BOX.top + 34;
    const ofSettings = varied.map(({ name, values, place }) => {
      const at = (value) => Math.round(top + ((value + 0.5) / values.length) * (BOX.height - 90));
      return { title: name, at: (design) => at(design.at[place]), marks: values.map((value, each) => [value, at(each)]) };
    });
    const known = measures.map((_, place) => place).filter((place) => designs.some((design) => design.is[place] !== null));
    return [...ofSettings, ...known.map((place) => {
      const up = scale(shown.map((design) => design.is[place]), BOX.height - 56, top);
      const at = (design) => (design.is[place] === null ? null : Math.round(up.at(design.is[place])));
      return { title: named(measures[place]), at, marks: up.ticks.map((tick) => [number(tick), up.at(tick)]) };
    })];
  };

  /* The lines of one design from column to column. */
  let line = () => "";

  const drawParallel = () => {
    const all = columns();
    const width = Math.max(760, all.length * 104);
    lines.setAttribute("viewBox", `0 0 ${width} ${BOX.height}`);
    const left = all.map((_, place) => (40 + (place * (width - 116)) / Math.max(all.length - 1, 1)).toFixed(1));
    line = (design) => {
      const tops = all.map((column) => column.at(design));
      return tops.map((top, place) => (top === null ? "" : `${place > 0 && tops[place - 1] !== null ? "L" : "M"}${left[place]} ${top}`)).join("");
    };
    /* Of lines that lie on each other one is drawn. */
    const others = shown.filter((design) => !design.front);
    const tops = all.map((column) => others.map(column.at));
    const pieces = tops.slice(1).map((to, place) => {
      const isDrawn = new Uint8Array(BOX.height * BOX.height);
      return to.map((top, each) => {
        const from = tops[place][each];
        const pair = from * BOX.height + top;
        if (from === null || top === null || isDrawn[pair]) return "";
        isDrawn[pair] = 1;
        return `M${left[place]} ${from}L${left[place + 1]} ${top}`;
      }).join("");
    });
    const front = shown.filter((design) => design.front).map((design) => `<path class="front-line" data-place="${design.place}" d="${line(design)}"/>`);
    const parts = [...pieces.map((piece) => `<path class="beaten-line" d="${piece}"/>`), ...front];
    all.forEach((column, place) => {
      parts.push(`<path class="frame" d="M${left[place]} ${BOX.top + 30}V${BOX.height - 52}"/><text class="axis" x="${left[place]}" y="${place % 2 ? BOX.top : BOX.top + 16}" text-anchor="middle">${escaped(column.title)}<\/text>`);
      column.marks.forEach(([text, top]) => parts.push(`<text class="tick small number" x="${(Number(left[place]) + 5).toFixed(1)}" y="${(top + 4).toFixed(1)}">${escaped(text)}<\/text>`));
    });
    parts.push("<path class=\"own-line\"/>");
    lines.innerHTML = parts.join("");
    colourLines();
  };
  const colourLines = () => {
    const colour = colouring();
    lines.querySelectorAll(".front-line").forEach((path) => path.setAttribute("class", `front-line n${colour.of(byPlace.get(Number(path.dataset.place)))}`));
  };

  /* Marks the chosen design in both figures, where the filters leave it. */
  const mark = () => {
    const spot = spots.find(({ design }) => design.place === chosen);
    const ring = scatter.querySelector(".halo-ring");
    ring.style.display = spot ? "" : "none";
    if (spot) Object.entries({ cx: spot.left, cy: spot.top }).forEach(([name, value]) => ring.setAttribute(name, value.toFixed(1)));
    const isShown = shown.some((design) => design.place === chosen);
    lines.querySelector(".own-line").setAttribute("d", isShown ? line(byPlace.get(chosen)) : "");
  };

  /* How long the last redraw took, for those who measure it. */
  const timed = (act) => {
    const start = performance.now();
    act();
    document.documentElement.dataset.redraw = String(performance.now() - start);
  };
  const filter = () => {
    const filters = varied.map(({ place }) => [place, byId(`filter-${place}`).value]).filter(([, value]) => value !== "");
    shown = designs.filter((design) => filters.every(([place, value]) => design.at[place] === Number(value)));
  };
  const draw = () => {
    filter();
    drawScatter();
    drawParallel();
    mark();
  };
  /* Axes and colours leave the lines where they are. */
  const change = { x: drawScatter, y: drawScatter, colour: () => [drawScatter, colourLines].forEach((act) => act()) };
  document.querySelectorAll(".controls select").forEach((select) => select.addEventListener("change", () => timed(() => {
    if (!(select.id in change)) return draw();
    change[select.id]();
    return mark();
  })));

  const choose = (place) => timed(() => {
    chosen = place;
    mark();
    describe(byPlace.get(place));
    (scatter.querySelector(`[data-place="${place}"]`) ?? scatter).focus({ preventScroll: true });
  });
  const describe = designPanel(explored, { number, escaped, named, words }, choose);
  scatter.addEventListener("click", (event) => {
    const corner = scatter.getBoundingClientRect();
    const [x, y] = [event.clientX - corner.left, event.clientY - corner.top].map((at) => (at * BOX.width) / corner.width);
    let [nearest, least] = [null, 14];
    spots.forEach(({ design, left, top }) => {
      const distance = Math.hypot(left - x, top - y) - (design.front ? 4 : 0);
      if (distance < least) [nearest, least] = [design, distance];
    });
    if (nearest) choose(nearest.place);
  });

  /* To the next design on the right or left that is meant, round and round. */
  const step = (by, isMeant) => {
    order ??= spots.toSorted((a, b) => a.left - b.left || a.top - b.top).map(({ design }) => design);
    const count = order.length;
    const from = order.findIndex((design) => design.place === chosen);
    const start = from < 0 && by < 0 ? 0 : from;
    const steps = [...Array(count).keys()].map((steps) => (start + by * (steps + 1) + count * count) % count);
    const next = steps.find((place) => isMeant(order[place]));
    if (next !== undefined) choose(order[next].place);
  };
  const any = () => true;
  const onFront = (design) => design.front;
  const keys = { ArrowRight: [1, any], ArrowLeft: [-1, any], ArrowDown: [1, onFront], ArrowUp: [-1, onFront] };
  scatter.setAttribute("tabindex", 0);
  scatter.addEventListener("keydown", (event) => {
    const place = event.target.dataset.place;
    if (event.key in keys) step(...keys[event.key]);
    else if (event.key !== "Enter" && event.key !== " ") return;
    else if (place !== undefined) choose(Number(place));
    else if (chosen === null) step(...keys.ArrowDown);
    event.preventDefault();
  });
  /* A row of the table of the front leads to its design. */
  const { front } = JSON.parse(byId("exploration").textContent);
  document.querySelectorAll("#front tbody tr").forEach((row, each) => {
    const link = Object.assign(document.createElement("a"), { href: "#chosen", textContent: row.cells[0].textContent });
    link.addEventListener("click", () => choose(front[each].place));
    row.cells[0].replaceChildren(link);
  });
  isNarrow.addEventListener("change", () => timed(draw));
  timed(draw);
})();
