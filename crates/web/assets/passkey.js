// Passkeys live in the browser: this asks it for one and sends what it says as a plain form.
const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const bytes = (word) => Uint8Array.from(atob(word.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

async function options(form) {
  const csrf = form.elements.csrf?.value;
  const body = new URLSearchParams(csrf ? { csrf } : {});
  const answer = await fetch(form.dataset.ask, { method: "POST", body });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function create(form) {
  const asked = await options(form);
  const made = await navigator.credentials.create({ publicKey: {
    challenge: bytes(asked.challenge),
    rp: { id: asked.host, name: asked.company },
    user: { id: bytes(asked.user), name: asked.name, displayName: asked.name },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    excludeCredentials: asked.known.map((id) => ({ type: "public-key", id: bytes(id) })),
    attestation: "none",
  } });
  form.elements.client.value = text(made.response.clientDataJSON);
  form.elements.data.value = text(made.response.getAuthenticatorData());
}

async function get(form) {
  const asked = await options(form);
  const found = await navigator.credentials.get({ publicKey: {
    challenge: bytes(asked.challenge), rpId: asked.host, userVerification: "required",
  } });
  form.elements.id.value = text(found.rawId);
  form.elements.client.value = text(found.response.clientDataJSON);
  form.elements.data.value = text(found.response.authenticatorData);
  form.elements.signature.value = text(found.response.signature);
  form.elements.user.value = text(found.response.userHandle ?? new ArrayBuffer(0));
}

export function passkey() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.passkey) return;
    event.preventDefault();
    const line = form.querySelector("[data-passkey-said]");
    try {
      await (form.dataset.passkey === "create" ? create(form) : get(form));
      form.submit();
    } catch (error) {
      line.textContent = error.name === "InvalidStateError" ? line.dataset.known ?? "This device has a passkey for you already."
        : line.dataset.failed ?? "The passkey was not used. Nothing has changed; you can try again.";
    }
  });
}
