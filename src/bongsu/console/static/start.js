// Starts Streamlit once the live view has drawn its first figures, or after a moment without: evaluating its scripts
// holds up the page for some hundred milliseconds, which would come before the figures. A plain script on purpose: it
// depends on nothing, so that Streamlit starts whatever becomes of ours.
(() => {
  const PATIENCE = 600;
  const told = document.querySelector('meta[name="bongsu-streamlit"]');
  if (!(told instanceof HTMLMetaElement)) return;
  let started = false;
  const start = () => {
    if (started) return;
    started = true;
    const script = document.createElement('script');
    script.type = 'module';
    script.crossOrigin = '';
    script.src = told.content;
    document.head.append(script);
  };
  document.addEventListener('bongsu:drawn', () => requestAnimationFrame(() => setTimeout(start)), { once: true });
  setTimeout(start, PATIENCE);
})();
