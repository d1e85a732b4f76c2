(()=>{var r=null,l=null,o=null,s=0,u=null,g=0,i=0,c=self.crossOriginIsolated&&typeof SharedArrayBuffer=="function",f=(e,t=[])=>parent.postMessage(e,"*",t);addEventListener("message",({data:e,source:t})=>{t===parent&&(e.t==="hello"?y():e.t==="boot"?A(e):e.t==="end"?a():e.t==="interrupt"?u===e.run&&w(2):e.t==="answer"&&o?S(e.text):(e.t==="run"&&p(e.run),r?.postMessage(e,e.bytes instanceof ArrayBuffer?[e.bytes]:[])))});function p(e){u=e,w(0)}function w(e){l&&Atomics.store(l,0,e)}function A(e){a(),s=e.generation,i=0;let t=s;l=c?new Int32Array(new SharedArrayBuffer(4)):null,o=c?new SharedArrayBuffer(65544):null,r=new Worker(`data:text/javascript;charset=utf-8,${encodeURIComponent(`(()=>{var B=new TextDecoder;function A(e){try{return q(e,new DataView(e.buffer,e.byteOffset,e.byteLength))}catch(t){if(t instanceof RangeError)return null;throw t}}function q(e,t){let s=new Map,n=e.length-22;for(;t.getUint32(n,!0)!==101010256;)n-=1;let o=t.getUint32(n+16,!0);for(let u=t.getUint16(n+10,!0);u>0;u-=1){if(t.getUint32(o,!0)!==33639248||t.getUint16(o+10,!0)!==0)return null;let g=t.getUint32(o+24,!0),[c,b,k]=[28,30,32].map(x=>t.getUint16(o+x,!0)),m=t.getUint32(o+42,!0),_=m+30+t.getUint16(m+26,!0)+t.getUint16(m+28,!0);s.set(B.decode(e.subarray(o+46,o+46+c)),e.subarray(_,_+g)),o+=46+c+b+k}return s}var M=\`"""Python's side of the kernel: IPython in a browser's worker. Runs there, and knows nothing of the site.

IPython's public hooks are used, and of what is not public only \\\`_showtraceback\\\`, which kernels override. Everything goes to the
page through \\\`post\\\`, as JSON text.
"""

import base64
import builtins
import io
import json
import math
import os
import sys
import time
from pathlib import Path

from IPython.core.completer import provisionalcompleter, rectify_completions
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.tokenutil import token_at_cursor
from traitlets.config import Config

FOLDER = "/work"
MOST_TEXT = 1_000_000
"""Characters that one run may print: more helps nobody, and would bury the page."""
MOST_BYTES = 12_000_000
"""Of everything else that one run shows."""
MOST_OUTPUTS = 500
FLUSH_SECONDS = 0.05
FLUSH_CHARACTERS = 16_000
MOST_FILES = 500
MOST_COMPLETIONS = 200


def as_json(value):
    """JSON of \\\`value\\\`; numbers that JSON has none for stand in it as words, as Jupyter writes them."""
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False)


def _finite(value):
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(key): _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return value


class Outputs:
    """What one run puts out, on its way to the page and no more than a page can take."""

    def __init__(self, post):
        self._post = post
        self.start(0)

    def start(self, run):
        self.run, self.text, self.bytes, self.count = run, MOST_TEXT, MOST_BYTES, MOST_OUTPUTS
        self._waiting, self._name, self._since, self._cut = [], "stdout", time.monotonic(), False

    def stream(self, name, text):
        if self.text <= 0:
            return
        if name != self._name:
            self.flush()
            self._name = name
        self._waiting.append(text[: self.text])
        self.text -= len(text)
        if self.text <= 0:
            self._tell_cut(f"More than {MOST_TEXT:,} characters were printed: the rest is not shown.")
        elif (
            time.monotonic() - self._since > FLUSH_SECONDS or sum(map(len, self._waiting)) > FLUSH_CHARACTERS
        ):
            self.flush()

    def show(self, output, display=None, *, update=False):
        self.flush()
        size = len(json.dumps(output))
        self.count -= not update
        self.bytes -= size
        if self.count < 0 or self.bytes < 0:
            self._tell_cut("More was shown than a page can take: the rest is left out.")
            return
        self._send("update" if update else "out", output, display)

    def clear(self, wait):
        self.flush()
        self._post(json.dumps({"t": "clear", "run": self.run, "wait": wait}))

    def flush(self):
        self._since = time.monotonic()
        if self._waiting:
            text, self._waiting = "".join(self._waiting), []
            self._send("out", {"output_type": "stream", "name": self._name, "text": text})

    def _send(self, what, output, display=None):
        self._post(as_json({"t": what, "run": self.run, "output": output, "display": display}))

    def _tell_cut(self, why):
        self.flush()
        if not self._cut:
            self._cut = True
            self._send("out", {"output_type": "stream", "name": "stderr", "text": f"\\\\n[{why}]\\\\n"})


class Stream(io.TextIOBase):
    """\\\`sys.stdout\\\` and \\\`sys.stderr\\\`."""

    encoding = "utf-8"

    def __init__(self, outputs, name):
        self._outputs, self.name = outputs, name

    def writable(self):
        return True

    def isatty(self):
        return False

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outputs.stream(self.name, text)
        return len(text)

    def flush(self):
        self._outputs.flush()


def sleep(seconds, _sleep=time.sleep):
    """In naps, between which an interrupt is noticed."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        _sleep(min(left, 0.1))


def bundle(data):
    return {
        mime: base64.b64encode(part).decode() if isinstance(part, bytes) else part
        for mime, part in data.items()
    }


class Hook(DisplayHook):
    def write_output_prompt(self):
        """The prompt is the execution count of the output."""

    def write_format_data(self, format_dict, md_dict=None):
        self.outputs.show(
            {
                "output_type": "execute_result",
                "data": bundle(format_dict),
                "metadata": md_dict or {},
                "execution_count": self.prompt_count,
            }
        )

    def finish_displayhook(self):
        """Nothing to flush: results do not go through a terminal."""


class Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **_):  # noqa: ARG002
        self.outputs.show(
            {"output_type": "display_data", "data": bundle(data), "metadata": metadata or {}},
            display=(transient or {}).get("display_id"),
            update=update,
        )

    def clear_output(self, wait=False):  # noqa: FBT002 - IPython's signature
        self.outputs.clear(bool(wait))


class Shell(InteractiveShell):
    displayhook_class = Hook
    display_pub_class = Publisher

    def _showtraceback(self, etype, evalue, stb):
        lines = [line for line in "\\\\n".join(stb).split("\\\\n") if "skipping hidden" not in line]
        self.failed = {"ename": etype.__name__, "evalue": str(evalue)[:10_000]}
        self.outputs.show({"output_type": "error", **self.failed, "traceback": lines[-200:]})

    def init_readline(self):
        """There is no terminal."""

    def enable_gui(self, gui=None):
        """Figures are shown under their cell."""

    def ask_exit(self):
        """\\\`exit\\\` ends the cell; the page has a button for Python."""

    def no_programs(self, command):  # noqa: ARG002 - IPython's signature
        raise RuntimeError("Other programs cannot be started from a browser.")

    system = getoutput = getoutput_or_system = no_programs


class Kernel:
    """What the worker calls. Answers are JSON text, or bytes."""

    def __init__(self, post, ask):
        self._outputs = Outputs(post)
        config = Config()
        config.HistoryManager.enabled = False
        config.Completer.use_jedi = False
        self.shell = shell = Shell.instance(config=config)
        shell.outputs = shell.displayhook.outputs = shell.display_pub.outputs = self._outputs
        sys.stdout, sys.stderr = Stream(self._outputs, "stdout"), Stream(self._outputs, "stderr")

        def asked(prompt="", *, password=False):
            self._outputs.flush()
            return ask(self._outputs.run, str(prompt)[:10_000], password)

        def getpass(prompt="Password: ", stream=None):  # noqa: ARG001
            return asked(prompt, password=True)

        time.sleep = sleep
        builtins.input = shell.user_ns["input"] = asked
        sys.modules["getpass"] = type(sys)("getpass")
        sys.modules["getpass"].__dict__.update(
            getpass=getpass, getuser=lambda: "learner", GetPassWarning=UserWarning
        )
        self._before = self._look()

    async def run(self, run, code):
        self._outputs.start(run)
        self.shell.failed = None
        try:
            transformed, refused = self._transformed(code)
            await self.shell.run_cell_async(
                code, store_history=True, transformed_cell=transformed, preprocessing_exc_tuple=refused
            )
        except BaseException as error:  # noqa: BLE001 - SystemExit and its like end a cell, not the kernel
            self.shell._showtraceback(type(error), error, [f"{type(error).__name__}: {error}"])
        finally:
            self._outputs.flush()
        failed = self.shell.failed
        status = (
            "ok" if failed is None else "interrupted" if failed["ename"] == "KeyboardInterrupt" else "error"
        )
        return json.dumps({"status": status, "count": self.shell.execution_count - 1, **(failed or {})})

    def _transformed(self, code):
        try:
            return self.shell.transform_cell(code), None
        except Exception:  # noqa: BLE001 - shown as the cell's error
            return code, sys.exc_info()

    def before(self, code):
        """Runs an author's prelude."""
        exec(code, self.shell.user_ns)  # noqa: S102

    def complete(self, code, cursor):
        with provisionalcompleter():
            found = list(rectify_completions(code, self.shell.Completer.completions(code, cursor)))[
                :MOST_COMPLETIONS
            ]
        start, end = (found[0].start, found[0].end) if found else (cursor, cursor)
        if found and all(each.text.startswith(".") for each in found):  # of an attribute it names the dot too
            start += 1
        options = [{"label": each.text.removeprefix("."), "type": each.type} for each in found]
        return json.dumps({"from": start, "to": end, "options": options})

    def inspect(self, code, cursor):
        try:
            data = self.shell.object_inspect_mime(token_at_cursor(code, cursor), 0)
        except KeyError:
            return json.dumps({"found": False, "text": ""})
        return json.dumps({"found": True, "text": data["text/plain"][:20_000]})

    def files(self):
        return json.dumps(
            [
                {"name": name, "size": size, "changed": when}
                for name, (size, when) in sorted(self._look().items())
            ]
        )

    def has_changed_files(self):
        """Since it was last asked."""
        before, self._before = self._before, self._look()
        return self._before != before

    def read(self, name):
        return (Path(FOLDER) / name).read_bytes()

    def write(self, name, data):
        path = Path(FOLDER) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def _look(self):
        found = {}
        for folder, folders, names in os.walk(FOLDER):
            folders[:] = sorted(
                each for each in folders if not each.startswith(".") and each != "__pycache__"
            )
            for name in sorted(names):
                path = os.path.join(folder, name)  # noqa: PTH118 - bytes and strange names included
                try:
                    facts = os.stat(path)  # noqa: PTH116
                except OSError:
                    continue
                found[os.path.relpath(path, FOLDER)] = (facts.st_size, facts.st_mtime)
                if len(found) >= MOST_FILES:
                    return found
        return found
\`;var N="/lib/kernel",R="/lib/modules",f="/work",p="",a=null,i=null,S=0,D=null,h=null,T=null,O=new Map,P=new Map,l=(e,t=[])=>self.postMessage(e,t),W=e=>l({t:"progress",text:e});function d(e,t){return new Promise((s,n)=>{S+=1,O.set(S,{resolve:s,reject:n}),T.postMessage({id:S,kind:e,name:t})})}self.importScripts=()=>{throw new TypeError("There are no classic scripts here.")};self.fetch=async e=>{let t=String(e.url??e);if(!t.startsWith(p))throw new TypeError("Notebooks have no network in a browser.");let s=t.slice(p.length).split("?")[0],n=await(P.get(s)??d("runtime",s));return P.delete(s),new Response(n,{headers:{"Content-Type":s.endsWith(".wasm")?"application/wasm":"application/octet-stream"}})};function J({data:{id:e,bytes:t,error:s}}){let{resolve:n,reject:o}=O.get(e)??{};O.delete(e),s?o?.(new Error(s)):n?.(t)}async function Y({address:e,handedOut:t,saved:s,held:n,modules:o,prelude:u,interrupt:g,answers:c,assets:b}){p=e,T=b,T.onmessage=J;let k=performance.now();for(let r of["pyodide.asm.wasm","python_stdlib.zip","pyodide-lock.json"])P.set(r,d("runtime",r));let m=d("runtime","kernel.zip"),_=Promise.all([...o.map(async r=>({name:r,folder:R,bytes:await d("module",r),isArchive:!0})),...t.map(async r=>({name:r,folder:f,bytes:await d("given",r)})),...s.map(async r=>({name:r,folder:f,bytes:await d("saved",r)})),...n.map(({name:r,bytes:y})=>({name:r,folder:f,bytes:y}))]),[{loadPyodide:x},{default:C}]=await Promise.all([import(\`\${p}pyodide.mjs\`),import(\`\${p}pyodide.asm.mjs\`)]);a=await x({indexURL:p,createPyodideModule:C,stdout:r=>console.log(r),stderr:r=>console.warn(r),env:{HOME:"/home/learner",IPYTHONDIR:"/tmp/ipython",MPLCONFIGDIR:"/tmp/matplotlib",MPLBACKEND:"module://matplotlib_inline.backend_inline"}});let F=performance.now();W("starting"),h=g,h&&a.setInterruptBuffer(h),U(new Uint8Array(await m),N);for(let{name:r,folder:y,bytes:v,isArchive:z}of await _)z?U(new Uint8Array(v),y):E(\`\${y}/\${r}\`,new Uint8Array(v));a.FS.mkdirTree(f),a.runPython(\`import sys, os; sys.path[:0] = ["\${f}"]; sys.path += ["\${R}", "\${N}"]; os.chdir("\${f}")\`);let I=a.globals.get("dict")();a.runPython(M,{globals:I});let H=c?G(c):X();i=I.get("Kernel")(r=>l({t:"python",text:r}),H),u&&i.before(u);let $=c?!0:await a.runPythonAsync("from pyodide.ffi import can_run_sync; can_run_sync()");l({t:"ready",asks:$,loading:Math.round(F-k),starting:Math.round(performance.now()-F)})}function U(e,t){let s=A(e);if(!s)a.unpackArchive(e,"zip",{extractDir:t});else for(let[n,o]of s)n.endsWith("/")||E(\`\${t}/\${n}\`,o)}function E(e,t){a.FS.mkdirTree(e.slice(0,e.lastIndexOf("/"))),a.FS.writeFile(e,t)}function G(e){let t=new Int32Array(e,0,2),s=new Uint8Array(e,8);return(n,o,u)=>{for(Atomics.store(t,0,0),l({t:"ask",run:n,prompt:o,password:u});Atomics.load(t,0)===0;)Atomics.wait(t,0,0,100),a.checkInterrupt();return new TextDecoder().decode(s.slice(0,t[1]))}}function X(){return self.slipwayAnswer=(e,t,s)=>(l({t:"ask",run:e,prompt:t,password:s}),new Promise(n=>{D=n})),a.runPython(\`
def ask(run, prompt, password):
    from pyodide.ffi import can_run_sync, run_sync
    import js
    if not can_run_sync():
        raise RuntimeError("input() cannot wait for an answer in this browser: write the value into your code instead.")
    return run_sync(js.slipwayAnswer(run, prompt, password))
ask\`,{globals:a.globals.get("dict")()})}async function V({run:e,code:t}){let s='{"status": "error", "ename": "Python", "evalue": "Python ended."}';try{await Z(t),s=await i.run(e,t)}catch(n){L(n)?s='{"status": "interrupted", "ename": "KeyboardInterrupt", "evalue": ""}':l({t:"broken",text:String(n.message??n).slice(-2e3)})}h&&Atomics.store(h,0,0),l({t:"done",run:e,result:s}),Q()}function Q(){try{i.has_changed_files()&&l({t:"changed"})}catch{l({t:"changed"})}}async function Z(e){try{await a.loadPackagesFromImports(e,{messageCallback:()=>{},errorCallback:()=>{}})}catch(t){if(L(t))throw t}}var L=e=>e?.type==="KeyboardInterrupt",j={complete:({code:e,cursor:t})=>i.complete(e,t),inspect:({code:e,cursor:t})=>i.inspect(e,t),files:()=>i.files(),read:({name:e})=>{let t=i.read(e),s=t.toJs();return t.destroy(),s},write:({name:e,bytes:t})=>(E(\`\${f}/\${e}\`,new Uint8Array(t)),i.has_changed_files(),"")},w=Promise.resolve();self.onmessage=({data:e})=>{e.t==="answer"?D?.(e.text):e.t==="boot"?Y(e).catch(t=>l({t:"fatal",text:String(t.stack??t).slice(0,2e3)})):e.t==="run"?w=w.then(()=>V(e)):Object.hasOwn(j,e.t)&&(w=w.then(()=>{try{l({t:"answered",id:e.id,value:j[e.t](e)})}catch(t){l({t:"answered",id:e.id,error:String(t.message??t).slice(-500)})}}))};})();
`)}`),r.onmessage=({data:n})=>{if(t!==s||h())return;n?.t==="done"&&n.run===u&&p(null);let m=n?.value instanceof Uint8Array?[n.value.buffer]:[];f({...n,generation:t},m)},r.onerror=n=>f({t:"fatal",text:n.message||"The worker did not start.",generation:t}),r.postMessage({...e,interrupt:l,answers:o},[e.assets,...e.held.map(({bytes:n})=>n)])}function a(){s=0,u=null,r?.terminate(),r=null}function h(){let e=Math.floor(performance.now()/1e3);if(i=e===g?i+1:1,g=e,i<=2e3)return!1;let t=s;return a(),f({t:"fatal",text:"flood",generation:t}),!0}function S(e){let t=new TextEncoder().encode(e).slice(0,65536);new Uint8Array(o,8).set(t);let n=new Int32Array(o,0,2);n[1]=t.length,Atomics.store(n,0,1),Atomics.notify(n,0)}function y(){f({t:"frame",isIsolated:c})}y();})();
