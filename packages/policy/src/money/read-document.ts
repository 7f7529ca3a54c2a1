import { isJsonObject, type JsonObject } from './json.js';

/** An error in an operator's document. The message names the place and the rule. */
export class Malformed extends Error {}

export function requireObject(value: unknown, where: string, members?: readonly string[]): JsonObject {
  if (!isJsonObject(value)) return refuse(`${where} must be an object`);
  const unknown = members && Object.keys(value).find((name) => !members.includes(name));
  return unknown === undefined ? value : refuse(`${where} has an unknown member`);
}

export function requireList(value: unknown, where: string): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : refuse(`${where} must be a list`);
}

export function refuse(message: string): never {
  throw new Malformed(message);
}
