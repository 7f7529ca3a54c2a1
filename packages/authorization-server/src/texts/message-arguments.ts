/**
 * The names of the arguments of an ICU message: `{app}`, `{count, plural, …}`. The branches of a plural or a select
 * must be phrases or contain `#`, because a branch with a single word would be taken for an argument.
 */
export type ArgumentOf<Text extends string> = Text extends `${string}{${infer Rest}`
  ? NameAt<Rest> | ArgumentOf<Rest>
  : never;

/** The name with which the text after a brace begins; `never` if the brace begins a branch of a plural. */
type NameAt<Rest extends string> = Rest extends `${infer Content}}${string}`
  ? Content extends `${infer Name},${string}`
    ? IsName<Name>
    : IsName<Content>
  : never;

type IsName<Name extends string> = Name extends `${string}${' ' | '#' | '{'}${string}` | '' ? never : Name;

/** The names of the tags of a message: `<link>…</link>`. */
export type TagOf<Text extends string> = Text extends `${string}</${infer Tag}>${infer Rest}`
  ? Tag | TagOf<Rest>
  : never;
