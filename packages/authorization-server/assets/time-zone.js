// Sends the browser's time zone with a sign-in, including one at an identity provider. The server uses this time zone
// for an account whose time zone is not known yet. Without this script, such an account has UTC.
const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';
for (const field of document.querySelectorAll('input[type="hidden"][name="time_zone"]')) field.value = timeZone;
for (const link of document.querySelectorAll('a[data-time-zone]')) {
  const url = new URL(link.href);
  url.searchParams.set('time_zone', timeZone);
  link.href = url.href;
}
