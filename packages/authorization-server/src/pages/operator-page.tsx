import type { ReadinessReport, SettingInForce } from '@aipassport/contracts';
import type { InstanceFacts, RunningProxies } from '@aipassport/store/authorization';
import type { FixedId, Texts } from '../texts/texts.js';
import { renderPage } from './layout.js';
import { OperatorNavigation, type OperatorPageProps, OperatorTable } from './operator-parts.js';
import { useTexts } from './text.js';

interface OverviewProps extends OperatorPageProps {
  readonly report: ReadinessReport;
  readonly facts: InstanceFacts;
  readonly release: string;
  readonly nodeVersion: string;
  /** The identifiers of the signing keys. The first key signs; the others only verify. */
  readonly signingKeyIds: readonly string[];
  readonly settings: readonly SettingInForce[];
  /** The resource proxies that run now, grouped: those with equal settings are one group. */
  readonly proxies: readonly RunningProxies[];
}

export function renderOperatorPage(props: OverviewProps): string {
  const { stylesheet, texts, signedIn, report, settings, proxies } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('operator.title'),
    signedIn,
    children: (
      <>
        <OperatorNavigation current="operator" />
        <h1>{texts('operator.title')}</h1>
        <article>
          <h2>{texts('operator.healthTitle')}</h2>
          <p>
            <strong>{texts(report.isReady ? 'operator.ready' : 'operator.unready')}</strong>
          </p>
          <OperatorTable
            label={texts('operator.healthTitle')}
            heads={[texts('operator.check'), texts('operator.result')]}
            rows={Object.entries(report.findings).map(([name, { ok, message }]) => ({
              key: name,
              cells: [
                nameCheck(name, texts),
                <>
                  {texts(ok ? 'operator.passed' : 'operator.failed')}
                  {message !== undefined && <small>{message}</small>}
                </>,
              ],
            }))}
          />
        </article>
        <article>
          <h2>{texts('operator.serverTitle')}</h2>
          <Facts {...props} />
        </article>
        <article>
          <h2>{texts('operator.settingsTitle')}</h2>
          <p>{texts('operator.settingsAbout')}</p>
          <Settings label={texts('operator.settingsOfServer')} settings={settings} isOpen />
          {proxies.length === 0 && <p>{texts('operator.noProxies')}</p>}
          {proxies.map(({ proxies: count, settings: own }, index) => (
            <Settings
              key={JSON.stringify(own)}
              label={
                proxies.length === 1
                  ? texts('operator.settingsOfProxies', { count })
                  : texts('operator.settingsOfSomeProxies', { count, number: index + 1, all: proxies.length })
              }
              settings={own}
            />
          ))}
        </article>
      </>
    ),
  });
}

const checkNames: Readonly<Record<string, FixedId>> = {
  database: 'operator.checkDatabase',
  schema: 'operator.checkSchema',
  keys: 'operator.checkKeys',
  accepting: 'operator.checkAccepting',
};

function nameCheck(check: string, texts: Texts): string {
  const name = checkNames[check];
  return name === undefined ? check : texts(name);
}

interface SettingsProps {
  readonly label: string;
  /** Undefined: these proxies do not report their settings. */
  readonly settings: readonly SettingInForce[] | undefined;
  readonly isOpen?: boolean;
}

function Settings({ label, settings = [], isOpen = false }: SettingsProps) {
  const texts = useTexts();
  return (
    <details open={isOpen}>
      <summary>{label}</summary>
      {settings.length === 0 ? (
        <p>{texts('operator.settingsUnreported')}</p>
      ) : (
        <OperatorTable
          label={label}
          heads={[texts('operator.setting'), texts('operator.value')]}
          rows={settings.map(({ name, value }) => ({
            key: name,
            cells: [<code key="name">{name}</code>, value ?? texts('operator.notSet')],
          }))}
        />
      )}
    </details>
  );
}

const bytesOfMegabyte = 1_000_000n;

function Facts({ facts, release, nodeVersion, signingKeyIds }: OverviewProps) {
  const texts = useTexts();
  const megabytes = Number((facts.databaseBytes + bytesOfMegabyte / 2n) / bytesOfMegabyte);
  const rows: readonly (readonly [string, string])[] = [
    [texts('operator.release'), release],
    ['Node.js', nodeVersion],
    ['PostgreSQL', facts.postgresVersion],
    [texts('operator.databaseSize'), texts('operator.megabytes', { count: megabytes })],
    [texts('operator.accountsTitle'), texts.limit(facts.accounts)],
    [texts('operator.clientsTitle'), texts.limit(facts.clients)],
    [texts('operator.signingKeys'), signingKeyIds.join(', ')],
  ];
  return (
    <OperatorTable
      label={texts('operator.serverTitle')}
      isFacts
      heads={[texts('operator.fact'), texts('operator.value')]}
      rows={rows.map(([name, value]) => ({ key: name, cells: [name, value] }))}
    />
  );
}
