
/* The designs of a space by any two measures, coloured by a third; a click shows a design. */
(() => {
  const { measures, axes, designs } = JSON.parse(document.getElementById("designs").textContent);
  const byId = (id) => document.getElementById(id);
  const [scatter, lines, detail] = ["scatter", "parallel", "chosen"].map(byId);
  const COLOURS = 6;
  const BOX = { left: 74, right: 26, top: 18, bottom: 52, width: 760, height: 440 };
  const commands = new Map(JSON.parse(byId("exploration").textContent).front.map((each) => [each.place, each.command]));
  let chosen = null;
  let shown = [];

  const number = (value) => {
    if (value === null) return "unknown";
    const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value) || 1)));
    return value.toLocaleString("en", { maximumFractionDigits: Math.min(digits, 8) });
  };
  const escaped = (text) => String(text).replace(/[&<>"]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;" })[letter]);
  const words = (design) => axes.filter((axis) => axis.values.length > 1)
    .map((axis) => `${axis.name} ${axis.values[design.at[axes.indexOf(axis)]]}`).join(", ");

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
    const [x, y] = ["x", "y"].map((id) => Number(byId(id).value));
    const seen = shown.filter((design) => design.is[x] !== null && design.is[y] !== null);
    const across = scale(seen.map((design) => design.is[x]), BOX.left, BOX.width - BOX.right);
    const up = scale(seen.map((design) => design.is[y]), BOX.height - BOX.bottom, BOX.top);
    const colour = colouring();
    const parts = [];
    const floor = BOX.height - BOX.bottom;
    across.ticks.forEach((tick) => parts.push(`<path class="grid" d="M${across.at(tick).toFixed(1)} ${BOX.top}V${floor}"/><text class="tick" x="${across.at(tick).toFixed(1)}" y="${floor + 19}" text-anchor="middle">${number(tick)}<\/text>`));
    up.ticks.forEach((tick) => parts.push(`<path class="grid" d="M${BOX.left} ${up.at(tick).toFixed(1)}H${BOX.width - BOX.right}"/><text class="tick" x="${BOX.left - 9}" y="${(up.at(tick) + 4).toFixed(1)}" text-anchor="end">${number(tick)}<\/text>`));
    parts.push(`<text class="axis" x="${(BOX.left + BOX.width - BOX.right) / 2}" y="${BOX.height - 8}" text-anchor="middle">${escaped(named(measures[x]))}<\/text>`);
    parts.push(`<text class="axis" transform="translate(16 ${(BOX.top + floor) / 2}) rotate(-90)" text-anchor="middle">${escaped(named(measures[y]))}<\/text>`);
    const spot = (design) => [across.at(design.is[x]), up.at(design.is[y])];
    /* One path a colour, however many designs: ends of no length are round dots. */
    const dots = [...Array(COLOURS)].map(() => []);
    const bars = [];
    seen.forEach((design) => {
      const [left, top] = spot(design);
      if (!design.front) dots[colour.of(design)].push(`M${left.toFixed(1)} ${top.toFixed(1)}h0`);
      if (design.rate && measures[y].name === "rate") bars.push(`M${left.toFixed(1)} ${up.at(design.rate[0]).toFixed(1)}V${up.at(design.rate[1]).toFixed(1)}`);
    });
    parts.push(`<path class="interval" d="${bars.join("")}"/>`);
    dots.forEach((path, place) => parts.push(`<path class="beaten n${place}" d="${path.join("")}"/>`));
    /* What is best in these two measures alone. */
    const sign = (place) => (measures[place].more ? -1 : 1);
    const sorted = seen.filter((design) => design.front)
      .sort((a, b) => sign(x) * (a.is[x] - b.is[x]) || sign(y) * (a.is[y] - b.is[y]));
    const stairs = sorted.filter((design, place) => sorted.slice(0, place).every((other) => sign(y) * other.is[y] > sign(y) * design.is[y]));
    parts.push(`<path class="curve front" d="${stairs.map((design, place) => {
      const [left, top] = spot(design).map((at) => at.toFixed(1));
      return place === 0 ? `M${left} ${top}` : `H${left}V${top}`;
    }).join("")}"/>`);
    sorted.forEach((design) => {
      const [left, top] = spot(design);
      const text = `${words(design)}: ${named(measures[x])} ${number(design.is[x])}, ${named(measures[y])} ${number(design.is[y])}`;
      parts.push(`<circle class="mark n${colour.of(design)}" cx="${left.toFixed(1)}" cy="${top.toFixed(1)}" r="6" tabindex="0" role="button" data-place="${design.place}" aria-label="${escaped(text)}"><title>${escaped(text)}<\/title><\/circle>`);
    });
    const marked = seen.find((design) => design.place === chosen);
    if (marked) parts.push(`<circle class="halo-ring" cx="${spot(marked)[0].toFixed(1)}" cy="${spot(marked)[1].toFixed(1)}" r="10"/>`);
    scatter.innerHTML = parts.join("");
    scatter.spots = seen.map((design) => [design, ...spot(design)]);
    byId("legend").innerHTML = colour.names.map((name, place) => `<span class="kind n${place}">${escaped(name)}<\/span>`).join("") + (colour.more ? "<span>further values repeat colours<\/span>" : "");
    const hidden = shown.length - seen.length;
    byId("count").textContent = `${shown.length.toLocaleString("en")} designs, ${sorted.length.toLocaleString("en")} of them on the front${hidden ? `; ${hidden.toLocaleString("en")} were not simulated and have no such value` : ""}.`;
  };

  const drawParallel = () => {
    const varied = axes.filter((axis) => axis.values.length > 1);
    const known = measures.map((_, place) => place).filter((place) => designs.some((design) => design.is[place] !== null));
    const columns = [
      ...varied.map((axis) => ({ title: axis.name, at: (design) => {
        const place = axes.indexOf(axis);
        return BOX.top + 34 + ((design.at[place] + 0.5) / axis.values.length) * (BOX.height - 90);
      }, marks: axis.values.map((value, place) => [value, BOX.top + 34 + ((place + 0.5) / axis.values.length) * (BOX.height - 90)]) })),
      ...known.map((place) => {
        const up = scale(shown.map((design) => design.is[place]), BOX.height - 56, BOX.top + 34);
        return { title: named(measures[place]), at: (design) => (design.is[place] === null ? null : up.at(design.is[place])), marks: up.ticks.map((tick) => [number(tick), up.at(tick)]) };
      }),
    ];
    const width = Math.max(BOX.width, columns.length * 104);
    lines.setAttribute("viewBox", `0 0 ${width} ${BOX.height}`);
    const left = (place) => 52 + (place * (width - 104)) / Math.max(columns.length - 1, 1);
    const path = (design) => {
      let before = false;
      return columns.map((column, place) => {
        const top = column.at(design);
        const word = top === null ? "" : `${before ? "L" : "M"}${left(place).toFixed(1)} ${top.toFixed(1)}`;
        before = top !== null;
        return word;
      }).join("");
    };
    const colour = colouring();
    const parts = [`<path class="beaten-line" d="${shown.filter((design) => !design.front).slice(0, 2000).map(path).join("")}"/>`];
    shown.filter((design) => design.front).forEach((design) => parts.push(`<path class="front-line n${colour.of(design)}${design.place === chosen ? " own" : ""}" d="${path(design)}"/>`));
    columns.forEach((column, place) => {
      parts.push(`<path class="frame" d="M${left(place).toFixed(1)} ${BOX.top + 30}V${BOX.height - 52}"/><text class="axis" x="${left(place).toFixed(1)}" y="${place % 2 ? BOX.top : BOX.top + 16}" text-anchor="middle">${escaped(column.title)}<\/text>`);
      column.marks.forEach(([text, top]) => parts.push(`<text class="tick small number" x="${(left(place) + 5).toFixed(1)}" y="${(top + 4).toFixed(1)}">${escaped(text)}<\/text>`));
    });
    lines.innerHTML = parts.join("");
  };

  const describe = () => {
    const design = designs.find((each) => each.place === chosen);
    if (!design) return;
    const pairs = [
      ...axes.map((axis, place) => [axis.name, axis.values[design.at[place]]]),
      ...measures.map((measure, place) => [named(measure), design.is[place] === null ? null : number(design.is[place])]).filter(([, value]) => value !== null),
    ];
    const interval = design.rate ? `<p class="facts">Dropped early: its rate is between ${number(design.rate[0])} and ${number(design.rate[1])} % (99.9 % interval).<\/p>` : "";
    const command = commands.get(design.place);
    detail.innerHTML = `<dl class="settings">${pairs.map(([name, value]) => `<div><dt>${escaped(name)}<\/dt><dd>${escaped(value)}<\/dd><\/div>`).join("")}<\/dl>${interval}${
      command ? `<p class="facts">The command that reproduces these figures; with <code>report<\/code> instead of <code>cost<\/code> it draws the mapping and itemises its price:<\/p><pre class="command" tabindex="0">${escaped(command)}<\/pre>` : "<p class=\"facts\">Another design beats this one.<\/p>"}`;
  };

  const draw = () => {
    const filters = axes.map((axis, place) => byId(`filter-${place}`)?.value ?? "");
    shown = designs.filter((design) => filters.every((value, place) => value === "" || design.at[place] === Number(value)));
    drawScatter();
    drawParallel();
    describe();
  };
  const choose = (place) => {
    chosen = place;
    draw();
    (scatter.querySelector(`[data-place="${place}"]`) ?? scatter).focus({ preventScroll: true });
  };
  scatter.addEventListener("click", (event) => {
    const corner = scatter.getBoundingClientRect();
    const [x, y] = [event.clientX - corner.left, event.clientY - corner.top].map((at) => (at * BOX.width) / corner.width);
    const near = (scatter.spots ?? []).map(([design, left, top]) => [Math.hypot(left - x, top - y) - (design.front ? 4 : 0), design]);
    const [distance, design] = near.reduce((best, each) => (each[0] < best[0] ? each : best), [Infinity, null]);
    if (design && distance < 14) choose(design.place);
  });
  /* The arrow keys go from design to design, those that are beaten too, from left to right. */
  scatter.setAttribute("tabindex", 0);
  scatter.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step !== undefined && scatter.spots.length > 0) {
      event.preventDefault();
      const order = scatter.spots.toSorted((a, b) => a[1] - b[1] || a[2] - b[2]).map(([design]) => design.place);
      const at = order.indexOf(chosen);
      choose(order[(Math.max(at, step < 0 ? 0 : -1) + step + order.length) % order.length]);
      return;
    }
    if (event.key !== "Enter" && event.key !== " ") return;
    const place = event.target.dataset?.place;
    if (place !== undefined) {
      event.preventDefault();
      choose(Number(place));
    }
  });
  document.querySelectorAll(".controls select").forEach((select) => select.addEventListener("change", draw));
  document.documentElement.dataset.redraw = "";
  const start = performance.now();
  draw();
  document.documentElement.dataset.redraw = String(performance.now() - start);
})();
