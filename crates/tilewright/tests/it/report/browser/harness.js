"use strict";

/* Appended to a copy of a page, before a script that uses it as a person would; what was checked is written to #outcome. */
function usePage(use) {
  addEventListener("load", async () => {
    const outcome = [];
    const check = (name, found, expected) => {
      outcome.push({ name, found, expected, ok: JSON.stringify(found) === JSON.stringify(expected) });
    };
    check("errors", window.pageErrors, []);
    use(check);
    checkMarks(check);
    await checkSaved(check);

    const background = () => getComputedStyle(document.body).backgroundColor;
    const tick = () => getComputedStyle(document.querySelector("svg .tick, svg .axis")).fill;
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const colours = { dark: "rgb(20, 23, 28)", light: "rgb(255, 255, 255)" };
    check("follows the system", background(), colours[dark ? "dark" : "light"]);
    const first = tick();
    document.getElementById("theme").click();
    check("the other theme", background(), colours[dark ? "light" : "dark"]);
    check("figures follow", tick() !== first, true);
    document.getElementById("theme").click();
    check("and back", background(), colours[dark ? "dark" : "light"]);
    check("nothing wider than the screen", document.documentElement.scrollWidth <= innerWidth, true);
    check("errors at the end", window.pageErrors, []);

    const result = document.createElement("pre");
    result.id = "outcome";
    result.textContent = JSON.stringify({ dark, outcome });
    document.body.append(result);
  });
}

/* What the pointer reads of a mark, a finger and the arrow keys read too; marks of a group are buttons of their own. */
function checkMarks(check) {
  const svg = [...document.querySelectorAll("figure .drawing svg:not([role=group])")].find((each) => each.querySelector("circle title, rect title"));
  if (!svg) return;
  const marks = [...svg.querySelectorAll("title")].map((title) => title.parentElement);
  const told = () => svg.closest("figure").querySelector(".mark-readout").textContent;
  const press = (key) => svg.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
  check("marks take the keyboard", svg.tabIndex, 0);
  press("ArrowRight");
  check("an arrow key reads the first mark", told(), marks[0].querySelector("title").textContent);
  press("ArrowLeft");
  check("and the last one", told(), marks.at(-1).querySelector("title").textContent);
  marks[0].dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
  check("a finger reads a mark", told(), marks[0].querySelector("title").textContent);
}

/* Every picture that is saved is XML with the figure's words that needs nothing of the page, on white, and every table has a row a row. */
async function checkSaved(check) {
  const [files, names, canvases] = [[], [], []];
  // Reading a blob back, as making one of pixels, takes time that the browser's virtual clock does not wait for.
  window.Blob = class extends Blob {
    constructor(parts, options) {
      super(parts, options);
      files.push(parts.join(""));
    }
  };
  HTMLCanvasElement.prototype.toBlob = function (take, type) {
    canvases.push(this);
    take(new Blob([this.toDataURL(type)], { type }));
  };
  HTMLAnchorElement.prototype.click = function () { names.push(this.download); };
  const buttons = (label) => [...document.querySelectorAll(".save button")]
    .filter((button) => button.textContent === label).slice(0, 12);
  const press = (label) => {
    const pressed = buttons(label);
    pressed.forEach((button) => button.click());
    check(`a file a button ${label}`, files.length, pressed.length);
    check(`keys reach ${label}`, pressed.every((button) => button.tabIndex === 0 && button.type === "button"), true);
    return files.splice(0).map((text, place) => [text, pressed[place].closest(".save")]);
  };
  const pictures = press("SVG");
  const tables = press("CSV");
  check("there are pictures or tables", pictures.length + tables.length > 0, true);
  check("files have names", names.every((name) => /^[a-z0-9][a-z0-9-]*\.(svg|csv)$/.test(name)), true);
  const words = (svg) => [...svg.querySelectorAll("text, title")].map((text) => text.textContent);
  pictures.forEach(([text, line], place) => {
    const read = new DOMParser().parseFromString(text, "image/svg+xml");
    const drawn = line.closest("figure").querySelector(".drawing svg");
    check(`picture ${place} is XML`, read.querySelector("parsererror"), null);
    check(`picture ${place} has the figure's words`, words(read), words(drawn));
    check(`picture ${place} has words`, words(read).length > 0, !drawn.matches(".magnified"));
    check(`picture ${place} is on white`, read.querySelector("svg > rect").getAttribute("fill"), "rgb(255,255,255)");
    check(`picture ${place} has no style of the page`, /class="|var\(|light-dark|oklab/.test(text), false);
    const uses = [...text.matchAll(/(?:url\(|href=")#([^)"]+)/g)].map((match) => match[1]);
    check(`picture ${place} holds what it refers to`, uses.filter((id) => !read.getElementById(id)), []);
    check(`picture ${place} has a size`, read.documentElement.getAttribute("width") > 0, true);
  });
  tables.forEach(([text, line], place) => {
    const table = line.parentElement.previousElementSibling.querySelector("table");
    const lines = text.trimEnd().split("\n");
    check(`table ${place} has a row a row`, lines.length, 1 + table.tBodies[0].rows.length);
    const [head, ...rows] = lines.map((each) => each.replace(/"[^"]*"/g, "").split(",").length);
    check(`table ${place} has a field a column`, rows.every((row) => row === head), true);
  });
  const onPaper = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule.media?.mediaText === "print").flatMap((rule) => [...rule.cssRules])
    .filter((rule) => rule.selectorText?.split(", ").includes(".save"));
  check("buttons are not printed", onPaper.map((rule) => rule.style.display), ["none"]);
  if (pictures.length === 0) return;

  buttons("PNG")[0].click();
  const isDone = () => names.at(-1).endsWith(".png");
  for (let turn = 0; turn < 400 && !isDone(); turn += 1) await new Promise((next) => setTimeout(next, 10));
  check("pixels have the name of the picture", names.at(-1), names[0].replace(/svg$/, "png"));
  check("pixels are a PNG", files.at(-1).startsWith("data:image/png;base64,"), true);
  const { width, height } = new DOMParser().parseFromString(pictures[0][0], "image/svg+xml").documentElement.viewBox.baseVal;
  const [canvas] = canvases;
  check("pixels are twice the drawing's", [canvas.width, canvas.height], [2 * width, 2 * height].map(Math.floor));
  const colours = new Set(new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer));
  check("pixels are drawn", colours.size > 8, true);
}

