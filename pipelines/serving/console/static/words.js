// The console's sentences in the language of the browser, or the language that the person chose.
import { en } from "./words-en.js";
import { zh } from "./words-zh.js";

export const WORDS = { en, zh };

export const language = () =>
  localStorage.getItem("needloop.language") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");

export function setLanguage(chosen) {
  localStorage.setItem("needloop.language", chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
}

export function t(key, values = {}) {
  const text = WORDS[language()][key];
  if (text === undefined) throw new Error(`no word for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

// The word for a value of the service, such as a state; a value without a word is shown as it is.
export const named = (kind, value) => WORDS[language()][`${kind}_${value}`] ?? value;

let chinese = null; // the module that translates the service's sentences, loaded for Chinese only

export async function loadReasons() {
  if (language() === "zh") chinese ??= await import("./reasons-zh.js").catch(() => null);
}

const translator = () => (language() === "zh" ? chinese : null);

// A sentence of the service (reason, alert, fault), and the name of a slice or a capability; English if it is unknown.
export const reason = (sentence) => translator()?.translate(sentence) ?? sentence;
export const reasons = (sentences) => sentences.map(reason).join(translator() ? "；" : "; ");
export const name = (english) => translator()?.translateName(english) ?? english;

const locale = () => (language() === "zh" ? "zh-CN" : "en");

export const number = (value, digits = 0) =>
  new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

export const share = (value, digits = 0) =>
  new Intl.NumberFormat(locale(), { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

// The number of digits of a share that show that it is less than a limit.
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
