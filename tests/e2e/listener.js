// Run before the page's own code: what its console would say of the content-security policy is an error, and what the
// server answers is kept in `heard`, so that untranslated.js can tell people's own words from the page's.
(() => {
  const HAN = /\p{Script=Han}/u
  const heard = new Set()
  Object.defineProperty(window, 'heard', { value: heard })
  addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))

  // A text that has an English twin must not be shown in Chinese: it is no data.
  const twin = (key, of) => Boolean(key.endsWith('_zh') ? of[`${key.slice(0, -3)}_en`] : key === 'zh' && of.en)
  const keep = (value, key = '', of = {}) => {
    if (typeof value === 'string') {
      if (HAN.test(value) && !twin(key, of)) heard.add(value)
    } else if (Array.isArray(value)) value.forEach((one) => keep(one))
    else if (value) for (const [name, inner] of Object.entries(value)) keep(inner, name, value)
  }
  const ask = window.fetch
  window.fetch = async (...wish) => {
    const answer = await ask(...wish)
    const json = answer.status !== 204 && answer.headers.get('content-type')?.includes('json')
    if (json) keep(await answer.clone().json())
    return answer
  }
})()
