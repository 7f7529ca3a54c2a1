/** The languages of the pages. The first one is used when a person's languages are not among them. */
export const languages = ['en', 'de'] as const;

export type Language = (typeof languages)[number];

/** Each language's name in that language, so that people find their language. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

export function isLanguage(text: string): text is Language {
  return languages.some((language) => language === text);
}

/**
 * The ways of writing dates, times and numbers that the pages have: that of each language, and those of regions (BCP
 * 47).
 */
export const locales = [
  ...languages,
  ...(['en-US', 'en-GB', 'en-IE', 'en-CA', 'en-AU', 'en-NZ', 'en-IN', 'en-ZA'] as const),
  ...(['de-DE', 'de-AT', 'de-CH', 'de-LI'] as const),
] as const;

export type Locale = (typeof locales)[number];

export function languageOf(locale: Locale): Language {
  return languages.find((language) => locale.startsWith(language)) ?? languages[0];
}

/**
 * The way in which a reader's region writes dates and numbers in a language. Only the preferred tag says the region:
 * browsers all over the world add `en-US` to other languages.
 * @param tags the browser's languages, the preferred one first
 */
export function findLocale(language: Language, [preferred = '']: readonly string[]): Locale {
  const region = /-([a-z]{2})(?:-|$)/i.exec(preferred)?.[1]?.toUpperCase();
  return locales.find((locale) => locale === `${language}-${region}`) ?? language;
}

/**
 * The first of these languages that the pages have; undefined when there is none. A regional variant counts as its
 * language: `de-AT` is German.
 * @param tags BCP 47 language tags, the preferred one first
 */
export function findLanguage(tags: readonly string[]): Language | undefined {
  return tags.map((tag) => tag.split('-')[0]?.toLowerCase() ?? '').find(isLanguage);
}

/** The tags of an `Accept-Language` header (RFC 9110 section 12.5.4), the preferred one first. */
export function readAcceptLanguage(header: string): readonly string[] {
  return header
    .split(',', maxTags)
    .map((item) => {
      const [tag = '', quality = ''] = item.split(';').map((part) => part.trim());
      return { tag, weight: Number(/^q=([\d.]+)$/.exec(quality)?.[1] ?? 1) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag);
}

/** Browsers send fewer tags than this. */
const maxTags = 20;
