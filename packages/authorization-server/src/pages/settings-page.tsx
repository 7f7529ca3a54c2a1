import type { AccountLimit } from '@aipassport/store/authorization';
import type { DefaultTexts } from '../account/default-texts.js';
import type { TimeZoneRegion } from '../account/time-zones.js';
import { paths } from '../endpoints.js';
import { languageNames, languages } from '../texts/language.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { renderPage, type SignedIn } from './layout.js';
import { MonthlyLimit } from './monthly-limit.js';
import { ErrorSummary, FieldProblem, invalidity, Notice, type Problem, Shown } from './parts.js';
import { SettingsDefaults, type SettingsForm } from './settings-defaults.js';
import type { Stylesheet } from './stylesheet.js';

interface SettingsPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly timeZone: string;
  /** The settings as they are stored. A form that is shown again may have other contents. */
  readonly current: { readonly limit: string; readonly defaults: DefaultTexts; readonly timeZone: string };
  /** The language of the owner's settings. If it is undefined, the page uses the language of the browser. */
  readonly language: string | undefined;
  readonly regions: readonly TimeZoneRegion[];
  readonly accountLimit: AccountLimit | undefined;
  /** undefined when the server sends no e-mails */
  readonly isEmailConfirmed: boolean | undefined;
  /** The text in the limit's field. */
  readonly limitText: string;
  readonly acceptsNoLimit: boolean;
  /** The defaults for new apps, as the fields show them. */
  readonly defaults: DefaultTexts;
  /** The amount that is filled in for an owner without a default. */
  readonly usualAmount: bigint;
  /** The form that asks for the password. Undefined: no form does. */
  readonly confirms: SettingsForm | undefined;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export function renderSettingsPage(props: SettingsPageProps): string {
  const { stylesheet, texts, signedIn, notice, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('settings.title'),
    signedIn,
    children: (
      <>
        <h1>{texts('settings.title')}</h1>
        <p>{texts('common.signedInAs', { email: signedIn.email })}</p>
        <nav class="links" aria-label={texts('settings.title')}>
          <a href={paths.security}>{texts('security.title')}</a>
          <EmailLink isConfirmed={props.isEmailConfirmed} texts={texts} />
          <a href={paths.developers}>{texts('developers.title')}</a>
        </nav>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <ErrorSummary problems={problems} />
        <article>
          <h2>{texts('settings.limitTitle')}</h2>
          <MonthlyLimit {...props} current={props.current.limit} isUnconfirmed={props.confirms === 'limit'} />
        </article>
        <SettingsDefaults {...props} />
        <TimeZone {...props} />
        <Language {...props} />
        <article>
          <h2>{texts('ownData.title')}</h2>
          <p>{texts('ownData.settingsAbout')}</p>
          <p class="links">
            <a href={paths.activity}>{texts('events.title')}</a>
            <a href={paths.accountExport}>{texts('ownData.exportTitle')}</a>
            <a href={paths.accountDeletion}>{texts('ownData.deleteTitle')}</a>
          </p>
        </article>
      </>
    ),
  });
}

function EmailLink({ isConfirmed, texts }: { readonly isConfirmed: boolean | undefined; readonly texts: Texts }) {
  return (
    <span>
      <a href={paths.email}>{texts('email.title')}</a>
      {isConfirmed === false && ` (${texts('email.unconfirmed')})`}
    </span>
  );
}

function TimeZone({ texts, csrfToken, current, timeZone, regions, confirms, problems }: SettingsPageProps) {
  return (
    <article>
      <h2>{texts('settings.timeZoneTitle')}</h2>
      <p>{texts('settings.timeZoneAbout')}</p>
      <form method="post" action={paths.timeZone}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <Shown values={current.timeZone} />
        <label for="time_zone">{texts('settings.timeZoneLabel')}</label>
        <select id="time_zone" name="time_zone" required {...invalidity(problems, 'time_zone')}>
          <option value="UTC" selected={timeZone === 'UTC'}>
            UTC
          </option>
          {regions.map(({ name, zones }) => (
            <optgroup key={name} label={name}>
              {zones.map((zone) => (
                <option key={zone.name} value={zone.name} selected={zone.name === timeZone}>
                  {zone.label}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
        <FieldProblem problems={problems} field="time_zone" />
        {confirms === 'time-zone' && <Confirmation problems={problems} />}
        <button type="submit">{texts('settings.timeZoneSave')}</button>
      </form>
    </article>
  );
}

/** The name of each language is written in that language, so its option has the attribute `lang`. */
function Language({ texts, csrfToken, language, problems }: SettingsPageProps) {
  return (
    <article>
      <h2>{texts('settings.languageTitle')}</h2>
      <p>{texts('settings.languageAbout')}</p>
      <form method="post" action={paths.language}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <Shown values={language ?? ''} />
        <label for="language">{texts('settings.languageLabel')}</label>
        <select id="language" name="language" {...invalidity(problems, 'language')}>
          <option value="" selected={language === undefined}>
            {texts('settings.languageOfBrowser')}
          </option>
          {languages.map((one) => (
            <option key={one} value={one} lang={one} selected={one === language}>
              {languageNames[one]}
            </option>
          ))}
        </select>
        <FieldProblem problems={problems} field="language" />
        <button type="submit">{texts('settings.languageSave')}</button>
      </form>
    </article>
  );
}
