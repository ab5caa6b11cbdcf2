
/* Every figure below an element can be saved as a picture that stands alone, SVG or PNG, and every table as CSV. */
const offerToSave = (() => {
  const root = document.documentElement;
  const PROPERTIES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "stroke-linecap",
    "stroke-linejoin", "opacity", "paint-order", "shape-rendering", "font-family", "font-size", "font-weight", "font-style"];
  const COLOURS = new Set(["fill", "stroke"]);
  const SCALE = 2;
  const colours = new Map();
  const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  /* Style sheets know colours that other readers of SVG do not: as a screen shows them. */
  const plain = (colour) => {
    if (colour === "none" || colour.startsWith("url")) return colour.replaceAll("\"", "");
    if (!colours.has(colour)) {
      const context = pixel.getContext("2d", { willReadFrequently: true });
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
      colours.set(colour, alpha === 0 ? "none" : `rgb(${red},${green},${blue})`);
    }
    return colours.get(colour);
  };
  const inline = (from, to) => {
    const style = getComputedStyle(from);
    const parent = from.parentElement && getComputedStyle(from.parentElement);
    const isRoot = from.localName === "svg";
    PROPERTIES.forEach((name) => {
      const value = style.getPropertyValue(name);
      const inherited = name !== "opacity" && !isRoot && parent && parent.getPropertyValue(name) === value;
      if (!inherited) to.setAttribute(name, COLOURS.has(name) ? plain(value) : value);
    });
    to.removeAttribute("class");
  };
  /* Pictures go into papers, whatever the page's theme is. */
  const inLight = (make) => {
    const theme = root.dataset.theme;
    root.dataset.theme = "light";
    try {
      return make();
    } finally {
      if (theme === undefined) delete root.dataset.theme;
      else root.dataset.theme = theme;
    }
  };
  const alone = (svg) => inLight(() => {
    const copy = svg.cloneNode(true);
    const twins = copy.querySelectorAll("*");
    const pairs = [...svg.querySelectorAll("*")].map((each, at) => [each, twins[at]]);
    const { width, height, x, y } = svg.viewBox.baseVal;
    inline(svg, copy);
    pairs.filter(([each]) => each.localName !== "title").forEach(([from, to]) => inline(from, to));
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    const ground = document.createElementNS(svg.namespaceURI, "rect");
    Object.entries({ x, y, width, height, fill: plain(getComputedStyle(document.body).backgroundColor) })
      .forEach(([name, value]) => ground.setAttribute(name, value));
    copy.prepend(ground);
    /* What it repeats of another figure comes with it. */
    const elsewhere = [...new Set([...copy.querySelectorAll("use")].map((use) => use.getAttribute("href").slice(1)))]
      .filter((id) => !copy.querySelector(`[id="${id}"]`));
    elsewhere.map((id) => document.getElementById(id)).forEach((named) => {
      const [twin, held] = [named.cloneNode(true), document.createElementNS(svg.namespaceURI, "defs")];
      [named, ...named.querySelectorAll("*")].forEach((each, at) => inline(each, at === 0 ? twin : twin.querySelectorAll("*")[at - 1]));
      held.append(twin);
      copy.prepend(held);
    });
    document.querySelectorAll("svg.definitions [id]").forEach((named) => {
      const twin = named.cloneNode(true);
      [...named.querySelectorAll("*")].forEach((each, at) => inline(each, twin.querySelectorAll("*")[at]));
      if (copy.outerHTML.includes(`(#${named.id})`)) copy.prepend(twin);
    });
    return new XMLSerializer().serializeToString(copy);
  });
  const offer = (blob, name) => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const picture = (svg) => new Blob([alone(svg)], { type: "image/svg+xml" });
  const pixels = (svg, name) => {
    const { width, height } = svg.viewBox.baseVal;
    const image = new Image();
    image.addEventListener("load", () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: SCALE * width, height: SCALE * height });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      URL.revokeObjectURL(image.src);
      canvas.toBlob((blob) => offer(blob, name), "image/png");
    });
    image.src = URL.createObjectURL(picture(svg));
  };
  /* As the command quotes: what a spreadsheet would run gets an apostrophe before it. */
  const field = (text) => {
    const risky = /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text));
    const safe = risky ? `'${text}` : text;
    return risky || /[",\n\r]/.test(safe) ? `"${safe.replaceAll("\"", "\"\"")}"` : safe;
  };
  /* All digits where the page rounds; a cell across several columns leaves the others empty. */
  const fields = (cell) => {
    const text = cell.dataset.value ?? cell.textContent.trim().replaceAll("\u202f", "");
    return [field(text), ...Array(cell.colSpan - 1).fill("")];
  };
  const rows = (table) => [...table.tHead.rows, ...[...table.tBodies].flatMap((body) => [...body.rows])]
    .map((row) => [...row.cells].flatMap(fields).join(",")).join("\n") + "\n";
  const named = (text, ending) => `${text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60)}.${ending}`;
  const tools = (place, buttons) => {
    const line = Object.assign(document.createElement("p"), { className: "save" });
    line.append(...buttons.map(([label, what, act]) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
      button.setAttribute("aria-label", `Save ${what} as ${label}`);
      button.addEventListener("click", act);
      return button;
    }));
    place.append(line);
  };
  return (root) => {
    root.querySelectorAll("figure").forEach((figure) => figure.querySelectorAll(".drawing svg").forEach((svg) => {
      const what = svg.getAttribute("aria-label") || document.title;
      tools(figure, [
        ["SVG", what, () => offer(picture(svg), named(what, "svg"))],
        ["PNG", what, () => pixels(svg, named(what, "png"))],
      ]);
    }));
    root.querySelectorAll(".scroll > table").forEach((table) => {
      const what = table.parentElement.getAttribute("aria-label") || document.title;
      const line = document.createElement("div");
      table.parentElement.after(line);
      tools(line, [["CSV", what, () => offer(new Blob([rows(table)], { type: "text/csv" }), named(what, "csv"))]]);
    });
  };
})();
offerToSave(document);
