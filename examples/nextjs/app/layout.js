import './style.css';

export const metadata = { title: 'An app that uses your AI' };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
