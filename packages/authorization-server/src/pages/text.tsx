import { type ComponentChildren, cloneElement, createContext, type VNode } from 'preact';
import { useContext } from 'preact/hooks';
import {
  type ArgumentsOf,
  listTags,
  type MessageId,
  type TagsOf,
  type Texts,
  textsIn,
  type Value,
} from '../texts/texts.js';

/** The texts in the language of the page. `renderPage` provides them. */
export const TextsContext = createContext<Texts>(textsIn('en'));

/** Returns the page's texts, for attributes and other plain text in a component. */
export function useTexts(): Texts {
  return useContext(TextsContext);
}

type TextProps<Id extends MessageId> = { readonly id: Id } & {
  readonly [Name in ArgumentsOf<Id>]: Value | VNode;
} & { readonly [Tag in TagsOf<Id>]: VNode };

/**
 * A text of the catalogue, with its arguments and tags as attributes: `<Text id="…" app={<ForeignText>…</ForeignText>}
 * link={<a href={path} />} />`. The element of a tag is put around the words in the tag. Values are never read as
 * markup: Preact escapes them.
 */
export function Text<Id extends MessageId>({ id, ...values }: TextProps<Id>) {
  const attributes: Readonly<Record<string, unknown>> = values;
  const wraps = listTags(id).map((tag) => [tag, (words: ComponentChildren) => wrap(attributes[tag], words)] as const);
  return <>{useTexts().formatParts(id, { ...values, ...Object.fromEntries(wraps) }) as ComponentChildren}</>;
}

function wrap(element: unknown, words: ComponentChildren): VNode {
  return cloneElement(element as VNode, {}, words); // `TextProps` requires an element
}
