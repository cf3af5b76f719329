// What a setting may be, read from the JSON Schema of all settings.

/**
 * @typedef {object} Shape
 * @property {'switch' | 'choice' | 'number' | 'whole' | 'length' | 'secret' | 'text' | 'lines' | 'json'} kind
 * @property {boolean} optional whether there may be nothing
 * @property {string[]} choices
 * @property {number | null} least
 * @property {number | null} most
 * @property {{ko: string, en: string}} sentence
 */

/** @param {any} schema the whole document @param {string} path dotted @returns {Shape | null} null where there is no such setting */
export function shapeOf(schema, path) {
  let node = schema;
  let told = {};
  for (const key of path.split('.')) {
    node = followed(schema, node).properties?.[key];
    if (node === undefined) return null;
    told = node;
  }
  const options = node.anyOf ?? [node];
  const optional = options.some((one) => one.type === 'null');
  const one = followed(schema, options.find((/** @type {any} */ option) => option.type !== 'null') ?? node);
  const sentence = { en: /** @type {any} */ (told).description ?? one.description ?? '', ko: /** @type {any} */ (told)['x-ko'] ?? one['x-ko'] ?? '' };
  return { kind: kindOf(schema, one), optional, choices: one.enum ?? [], least: one.minimum ?? one.exclusiveMinimum ?? null, most: one.maximum ?? null, sentence };
}

function followed(schema, node) {
  return node?.$ref ? (schema.$defs?.[node.$ref.split('/').pop()] ?? {}) : (node ?? {});
}

/** @returns {Shape['kind']} */
function kindOf(schema, node) {
  if (node.enum) return 'choice';
  if (node.format === 'password') return 'secret';
  if (node.type === 'boolean') return 'switch';
  if (node.type === 'integer') return 'whole';
  if (node.type === 'number') return 'number';
  if (node.type === 'string') return node.pattern?.includes('(ms|s|m|h|d|w|y)') ? 'length' : 'text';
  if (node.type === 'array') {
    const item = followed(schema, node.items);
    return item.type === 'string' && item.format !== 'password' ? 'lines' : 'json';
  }
  return 'json';
}

/** Whole numbers that may be larger are written with commas. */
const PORTS = 65_535;

/** A setting's value in the settings as they are told. @param {any} settings @param {string} path */
export function valueAt(settings, path) {
  return path.split('.').reduce((node, key) => node?.[key], settings);
}

/** A value as it stands in its control. @param {Shape} shape @param {any} value */
export function written(shape, value) {
  if (value === null || value === undefined) return '';
  if (shape.kind === 'json') return JSON.stringify(value, null, 2);
  if (shape.kind === 'lines') return value.join('\n');
  const long = shape.kind === 'whole' && (shape.most === null || shape.most > PORTS) && typeof value === 'number';
  return long ? value.toLocaleString('en-US') : String(value);
}

/**
 * What was typed, as a value; a text that can't be read goes as it is, so that the server says what is wrong with it.
 * @param {Shape} shape @param {string} text
 * @returns {{value: any} | {fault: string}} `fault`: what the browser says of JSON that is none
 */
export function typed(shape, text) {
  const bare = text.trim();
  if (shape.kind === 'json') {
    try {
      return { value: JSON.parse(bare || '[]') };
    } catch (fault) {
      return { fault: /** @type {Error} */ (fault).message };
    }
  }
  if (shape.kind === 'lines') return { value: bare.split('\n').map((line) => line.trim()).filter(Boolean) };
  if (bare === '') return { value: shape.optional ? null : '' };
  if (shape.kind === 'number' || shape.kind === 'whole') {
    const figure = Number(bare.replaceAll(',', ''));
    return { value: Number.isFinite(figure) ? figure : bare };
  }
  return { value: shape.kind === 'secret' ? text : bare };
}

/** Whether two values say the same. @param {any} a @param {any} b @returns {boolean} */
export function same(a, b) {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]));
}

/** The faults of a setting: its own, and those of what lies within. @template {{path: string}} T @param {T[]} faults @param {string} path */
export function faultsOf(faults, path) {
  return faults.filter((one) => one.path === path || one.path.startsWith(`${path}.`) || one.path.startsWith(`${path}[`));
}

/**
 * What differs between a document as it is told and as it was typed, by single setting.
 * @param {string} name the section @param {string[]} leaves every single setting there is @param {any} before @param {any} after
 * @returns {Record<string, any>}
 */
export function changesOf(name, leaves, before, after) {
  const own = leaves.filter((path) => path === name || path.startsWith(`${name}.`));
  if (own.includes(name)) return same(before, after) ? {} : { [name]: after };
  /** @type {Record<string, any>} */
  const found = {};
  for (const path of own) {
    const inner = path.slice(name.length + 1);
    const value = valueAt(after, inner);
    if (value !== undefined && !same(valueAt(before, inner), value)) found[path] = value;
  }
  for (const path of unknown(name, own, after)) found[path] = valueAt(after, path.slice(name.length + 1));
  return found;
}

/** Keys that are no setting: the server names the nearest that is. */
function unknown(name, own, node) {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return [];
  return Object.keys(node).flatMap((key) => {
    const path = `${name}.${key}`;
    if (own.includes(path)) return [];
    return own.some((one) => one.startsWith(`${path}.`)) ? unknown(path, own, node[key]) : [path];
  });
}
