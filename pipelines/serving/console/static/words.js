// Every sentence of the console, in the language of whoever reads.
import { en } from "./words-en.js";
import { zh } from "./words-zh.js";

export const WORDS = { en, zh };

export const language = () =>
  localStorage.getItem("needloop.language") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");

export function speak(wanted) {
  localStorage.setItem("needloop.language", wanted);
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
}

export function t(key, values = {}) {
  const said = WORDS[language()][key];
  if (said === undefined) throw new Error(`no word for ${key}`);
  return said.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

// What the service names by a word of its own; one that is new to this page is shown as it is.
export const named = (kind, value) => WORDS[language()][`${kind}_${value}`] ?? value;

const locale = () => (language() === "zh" ? "zh-CN" : "en");

export const number = (value, digits = 0) =>
  new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

export const share = (value, digits = 0) =>
  new Intl.NumberFormat(locale(), { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

// How many digits of a share show that it is less than another.
export const digitsBelow = (value, limit) => {
  const rounded = (share, digits) => Number((100 * share).toFixed(digits));
  return [0, 1, 2, 3, 4, 5].find((digits) => rounded(value, digits) < rounded(limit, digits)) ?? 6;
};

export const moment = (time) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));

const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

export function ago(time) {
  const seconds = (new Date(time) - Date.now()) / 1000;
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? STEPS[3];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto", style: "short" }).format(Math.round(seconds / size), unit);
}
