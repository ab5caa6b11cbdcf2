"use strict";

/* Appended to a copy of a page, before a script that uses it as a person would; what was checked is written to #outcome. */
function usePage(use) {
  addEventListener("load", () => {
    const outcome = [];
    const check = (name, found, expected) => {
      outcome.push({ name, found, expected, ok: JSON.stringify(found) === JSON.stringify(expected) });
    };
    check("errors", window.pageErrors, []);
    use(check);
    checkSaved(check);

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

/* Every picture that is saved is XML that needs nothing of the page, and every table has a row a row. */
function checkSaved(check) {
  const saved = [];
  const serialize = XMLSerializer.prototype.serializeToString;
  XMLSerializer.prototype.serializeToString = function (node) {
    saved.push(serialize.call(this, node));
    return saved.at(-1);
  };
  const names = [];
  HTMLAnchorElement.prototype.click = function () { names.push(this.download); };
  const press = (label) => [...document.querySelectorAll(".save button")]
    .filter((button) => button.textContent === label).slice(0, 12).map((button) => button.click()).length;
  const pictures = press("SVG");
  check("a picture a button", saved.length, pictures);
  check("there are pictures or tables", pictures + press("CSV") > 0, true);
  check("files have names", names.every((name) => /^[a-z0-9][a-z0-9-]*\.(svg|csv)$/.test(name)), true);
  saved.forEach((text, place) => {
    const read = new DOMParser().parseFromString(text, "image/svg+xml");
    check(`picture ${place} is XML`, read.querySelector("parsererror"), null);
    check(`picture ${place} has no style of the page`, /class="|var\(|light-dark|oklab/.test(text), false);
    const uses = [...text.matchAll(/(?:url\(|href=")#([^)"]+)/g)].map((match) => match[1]);
    check(`picture ${place} holds what it refers to`, uses.filter((id) => !read.getElementById(id)), []);
    check(`picture ${place} has a size`, read.documentElement.getAttribute("width") > 0, true);
  });
}
