// What things are called, in Chinese and English. The switches' words are in words.json, by device: `unit` stands
// behind a number; `test` is the value that a switch takes when it is simply turned on; `presets` are the usual
// values of a setting. A switch without a line there shows under its own name.
import { get } from "./dom.js";

const WORDS = await get("/page/words.json");

/** The words for a switch of a device: always something, at the least its own name. */
export const wordsFor = (device, name) => WORDS[device]?.[name] ?? WORDS.line[name] ?? { zh: name, en: "" };

/** Where a switch stands among its device's: in the order of words.json, the weightiest first. */
export function rank(device, name) {
  const at = [...Object.keys(WORDS[device] ?? {}), ...Object.keys(WORDS.line)].indexOf(name);
  return at < 0 ? Infinity : at;
}

export const GROUPS = {
  device: ["设备", "Device"],
  line: ["线路", "Cable"],
  settings: ["出厂设置", "Set-up"],
};

export const NAMES = {
  idcard: ["读卡器", "Reader"],
  scanner: ["扫码器", "Scanner"],
  camera: ["摄像头", "Camera"],
  panel: ["面板", "Panel"],
  printer: ["打印机", "Printer"],
};
