import type { summary as english } from '../en/summary.js';

export const summary = {
  'summary.title': 'Was Sie erlauben',
  'summary.sentence':
    '{app} kann {what, select, chat {mit {models} chatten} other {mit {models} {actions}}} und {limit, select, none {ohne Limit Geld ausgeben} more {höchstens weitere {amount} ausgeben} other {höchstens {amount} ausgeben}}, bis {end, select, day {{time}, 24:00 Uhr} other {{time}}}.',
  'summary.ends': '{end, select, day {{time}, 24:00 Uhr} other {{time}}}',
  'summary.until': 'bis {end, select, day {{time}, 24:00 Uhr} other {{time}}}',
  'summary.incomplete': 'Wählen Sie unten, was {app} nutzen kann.',
  'summary.unable': '{app} kann mit dieser Auswahl nichts tun: Modelle und Berechtigungen passen nicht zusammen.',
  'summary.useless': 'Geht mit dieser Auswahl nicht: {list}.',
  'summary.check': 'Ihre Auswahl hat sich geändert. Prüfen Sie die Zusammenfassung, und erlauben Sie dann.',
  'summary.update': 'Zusammenfassung aktualisieren',
  'summary.allow':
    '{limit, select, none {Ohne Limit erlauben} more {Bis {amount} zusätzlich erlauben} same {Mit {amount} wie bisher erlauben} other {Bis {amount} erlauben}}',
  'summary.new': 'Neu:',
  'summary.asBefore': 'Wie bisher:',
  'summary.noLonger': 'Nicht mehr:',
  'summary.limitChanged': '{value} statt {before}',
  'summary.limitLifted': '{label}: keins statt {before}',
  'summary.models': 'Modelle',
  'summary.change': 'Ändern',
  'summary.allModels': 'allen Modellen von {provider}',
  'summary.moreModels': '{count, plural, one {# weiteren Modell} other {# weiteren Modellen}}',
  'summary.chat': 'chatten',
  'summary.embeddings': 'Embeddings erzeugen',
  'summary.images': 'Bilder erzeugen',
  'summary.audio': 'Sprache erzeugen und mitschreiben',
  'summary.code': 'Code ausführen',
  'summary.files': 'Dateien beim KI-Anbieter speichern',
  'summary.web': 'im Web suchen',
  'summary.enough':
    '{place, select, first {Genug für etwa} other {Oder genug für etwa}} {use, select, chat {{count, plural, one {# kurzen Chat} other {# kurze Chats}}} picture {{count, plural, one {# Bild} other {# Bilder}}} speech {{count, plural, one {# Minute Sprache} other {# Minuten Sprache}}} transcription {{count, plural, one {# Minute Mitschrift} other {# Minuten Mitschrift}}} other {{count, plural, one {# Seite Text} other {# Seiten Text}}}} {period, select, month {im Monat } day {am Tag } other {}}mit {model}.',
  'summary.enoughRange':
    '{place, select, first {Genug für etwa} other {Oder genug für etwa}} {use, select, chat {{count, plural, one {# kurzen Chat} other {# kurze Chats}}} picture {{count, plural, one {# Bild} other {# Bilder}}} speech {{count, plural, one {# Minute Sprache} other {# Minuten Sprache}}} transcription {{count, plural, one {# Minute Mitschrift} other {# Minuten Mitschrift}}} other {{count, plural, one {# Seite Text} other {# Seiten Text}}}} {period, select, month {im Monat } day {am Tag } other {}}mit {dear}, oder {many, number} mit {cheap}.',
  'summary.notEnough':
    'Zu wenig für {use, select, chat {einen kurzen Chat} picture {ein Bild} speech {eine Minute Sprache} transcription {eine Minute Mitschrift} other {eine Seite Text}} mit {model}.',
  'summary.shortChat': 'Ein kurzer Chat hat {input, number} Tokens Eingabe und {output, number} Tokens Ausgabe.',
  'summary.picture':
    'Ein Bild hat {tokens, number} Tokens Ausgabe, so viele wie eines von mittlerer Größe und Qualität.',
  'summary.speech': 'Eine Minute Sprache hat {characters, number} Zeichen.',
  'summary.page': 'Eine Seite Text hat {tokens, number} Tokens.',
  'summary.warnAllModels': 'Alle Modelle von {provider}: auch die teuersten, und alle, die später dazukommen.',
  'summary.warnEveryModel': 'Alle {count, number} Modelle sind ausgewählt, auch die teuersten.',
  'summary.warnExpensive':
    '{model} ist teuer: {use, select, chat {Ein kurzer Chat} picture {Ein Bild} speech {Eine Minute Sprache} transcription {Eine Minute Mitschrift} other {Eine Seite Text}} kostet etwa {amount}.',
  'summary.warnEverything': 'Die App kann alles tun, was eine App hier tun kann. Die meisten Apps brauchen weniger.',
  'summary.warnMuch': 'Das ist mehr als {amount}. Die meisten Apps brauchen viel weniger.',
  'summary.warnMuchOverTime':
    'Bis zum Ende kann die App mehr als {amount} ausgeben. Die meisten Apps brauchen viel weniger.',
  'summary.warnLong': 'Zugriff für mehr als {count, number} Tage. Einen kürzeren können Sie jederzeit verlängern.',
  'summary.failed':
    'Wir konnten diese Zusammenfassung nicht aktualisieren. Wählen Sie „Erlauben“, um vor der Entscheidung zu sehen, was Ihre Auswahl erlaubt.',
} as const satisfies Record<keyof typeof english, string>;
