import type { DefaultTexts } from '../account/default-texts.js';
import { paths } from '../endpoints.js';
import { listLifetimes } from '../limits/lifetime-choices.js';
import { usualLifetimeSeconds } from '../limits/prefill-bounds.js';
import { exactly, lasting, type Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { MoneyInput } from './limit-fields.js';
import { FieldProblem, invalidity, type Problem, Shown } from './parts.js';

/** The forms of the settings that can ask for the password. */
export type SettingsForm = 'limit' | 'defaults' | 'time-zone';

interface SettingsDefaultsProps {
  readonly texts: Texts;
  readonly csrfToken: string;
  /** The stored defaults. A form that is shown again may have other contents. */
  readonly current: { readonly defaults: DefaultTexts };
  readonly defaults: DefaultTexts;
  /** The amount that is filled in for an owner without a default. */
  readonly usualAmount: bigint;
  /** The form that asks for the password. */
  readonly confirms: SettingsForm | undefined;
  readonly problems: readonly Problem[];
}

/** The amount and the length of time that are filled in when an app asks for access. */
export function SettingsDefaults(props: SettingsDefaultsProps) {
  const { texts, csrfToken, current, defaults, usualAmount, problems } = props;
  return (
    <article>
      <h2>{texts('settings.defaultsTitle')}</h2>
      <p>{texts('settings.defaultsAbout')}</p>
      <form method="post" action={paths.consentDefaults} noValidate>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <Shown values={current.defaults} />
        <label for="max_cost_usd">{texts('limits.maxCost')}</label>
        <MoneyInput name="max_cost_usd" text={defaults.maxCost} problems={problems} hasHint />
        <FieldProblem problems={problems} field="max_cost_usd" />
        <small id="max_cost_usd-hint">{texts('settings.defaultAmountHint', { amount: exactly(usualAmount) })}</small>
        <Lifetime {...props} />
        {props.confirms === 'defaults' && <Confirmation problems={problems} />}
        <button type="submit">{texts('settings.defaultsSave')}</button>
      </form>
    </article>
  );
}

function Lifetime({ texts, defaults: { lifetimeSeconds }, problems }: SettingsDefaultsProps) {
  const present = /^\d+$/.test(lifetimeSeconds) ? Number(lifetimeSeconds) : undefined;
  return (
    <>
      <label for="lifetime_seconds">{texts('limits.accessEnds')}</label>
      <select id="lifetime_seconds" name="lifetime_seconds" {...invalidity(problems, 'lifetime_seconds')}>
        <option value="" selected={lifetimeSeconds === ''}>
          {texts('settings.lifetimeAsAsked', { duration: lasting(usualLifetimeSeconds) })}
        </option>
        {listLifetimes(undefined, texts, present).map(({ value, text }) => (
          <option key={value} value={value} selected={value === lifetimeSeconds}>
            {text}
          </option>
        ))}
      </select>
      <FieldProblem problems={problems} field="lifetime_seconds" />
    </>
  );
}
