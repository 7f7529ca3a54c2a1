// Fills in the browser's time zone when an account is made, also by a sign-in at an identity provider. Without this
// script, the account starts with UTC.
const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';
const field = document.querySelector('input[name="time_zone"]');
if (field) field.value = timeZone;
for (const link of document.querySelectorAll('a[data-time-zone]')) {
  const url = new URL(link.href);
  url.searchParams.set('time_zone', timeZone);
  link.href = url.href;
}
