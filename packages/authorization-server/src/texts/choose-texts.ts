import type { OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { findLanguage, findLocale, isLanguage, type Language, languages, readAcceptLanguage } from './language.js';
import { type Texts, textsIn } from './texts.js';

// The language of a page is, in this order: the language of the account's settings, a language that the app proposes
// (`ui_locales`), a language that the browser accepts, English. The region of the formats is always the browser's.

/** The texts for a browser. @param proposed `ui_locales` of the URL: tags with spaces in between */
export function textsFor(acceptLanguage: string, proposed?: unknown): Texts {
  const [fallback] = languages;
  const tags = readAcceptLanguage(acceptLanguage);
  return textsIn(findLocale(readProposed(proposed) ?? findLanguage(tags) ?? fallback, tags));
}

/**
 * Uses the first language that the app proposes (OpenID Connect Core section 3.1.2.1) and that the pages have, unless
 * the owner chose a language in the settings.
 */
export function proposeLanguages(ctx: Context, uiLocales: string): void {
  const language = readProposed(uiLocales);
  if (language !== undefined && !ctx.state.isLanguageChosen) useLanguage(ctx, language);
}

/** Uses the language of the owner's settings, if they chose one. */
export function useLanguageOf(ctx: Context, { language }: Pick<OwnerSession, 'language'>): void {
  if (language === undefined || !isLanguage(language)) return;
  useLanguage(ctx, language);
  ctx.state.isLanguageChosen = true;
}

function useLanguage(ctx: Context, language: Language): void {
  ctx.state.texts = textsIn(findLocale(language, readAcceptLanguage(ctx.get('Accept-Language'))));
}

function readProposed(uiLocales: unknown): Language | undefined {
  return typeof uiLocales === 'string' ? findLanguage(uiLocales.split(' ').slice(0, 20)) : undefined;
}

/** The texts of a request whose context is typed by oidc-provider. `assign-request.ts` sets them. */
export function readTexts({ state }: { readonly state: unknown }): Texts {
  return (state as Context['state']).texts;
}
