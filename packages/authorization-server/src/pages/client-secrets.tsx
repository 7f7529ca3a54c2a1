import { formatPath, paths } from '../endpoints.js';
import type { ClientPageProps } from './client-page-props.js';
import { Confirmation } from './confirmation.js';
import { FieldProblem, invalidity, Shown, Time } from './parts.js';
import { Text } from './text.js';

/** The choices for how long the present secret still works after a new secret was made, in seconds. */
const overlaps = [0, 3_600, 86_400, 604_800, 2_592_000] as const;

/** The secrets of a client: the previous ones that still work, and the form that makes a new one. */
export function ClientSecrets(props: ClientPageProps) {
  const { texts, client, csrfToken, timeZone, overlap, confirms, problems } = props;
  return (
    <article>
      <h2>{texts('clients.secret')}</h2>
      {client.previousSecretsEndAt.length > 0 && (
        <>
          <ul>
            {client.previousSecretsEndAt.map((at) => (
              <li key={at.getTime()}>
                <Text id="clients.previousEnds" at={<Time at={at} timeZone={timeZone} />} />
              </li>
            ))}
          </ul>
          <form method="post" action={formatPath(paths.developerClientSecretsEnd, client.id)}>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            <Shown values={client.previousSecretsEndAt} />
            <button type="submit" class="danger">
              {texts('clients.endPrevious')}
            </button>
          </form>
        </>
      )}
      <form method="post" action={formatPath(paths.developerClientSecret, client.id)}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <Shown values={client.secretVersion} />
        <label for="overlap">{texts('clients.overlap')}</label>
        <select id="overlap" name="overlap" required {...invalidity(problems, 'overlap')}>
          {overlaps.map((seconds) => (
            <option key={seconds} value={seconds} selected={String(seconds) === overlap}>
              {seconds === 0 ? texts('clients.overlapNone') : texts.duration(seconds)}
            </option>
          ))}
        </select>
        <FieldProblem problems={problems} field="overlap" />
        {confirms === 'rotation' && <Confirmation problems={problems} />}
        <button type="submit">{texts('clients.rotate')}</button>
      </form>
      <p class="aside">{texts('clients.secretNote')}</p>
    </article>
  );
}
