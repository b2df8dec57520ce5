"""The numbers of testdata: a GPT-2 in float64 with a hook at every site, and each experiment by hand.

    python3 reference.py MODEL TESTDATA

A hook gets the name and the value of a site and gives the value that goes on. Sites are h.LAYER.pre, ln_1.scale, ln_1,
c_attn, q, k, v, scores, pattern, z, result, attn_out, mid, ln_2.scale, ln_2, mpre, mpost, mlp_out, post; wte, wpe, ln_f, logits.
"""
import functools
import json
import math
import re
import struct
import sys

import numpy as np
import torch

torch.set_default_dtype(torch.float64)


def load(d):
    b = open(d + '/model.safetensors', 'rb').read()
    n = struct.unpack('<Q', b[:8])[0]
    h = json.loads(b[8:8 + n])
    W = {}
    for k, v in h.items():
        if k == '__metadata__':
            continue
        s, e = v['data_offsets']
        t = {'F32': torch.float32, 'F16': torch.float16, 'BF16': torch.bfloat16}.get(v['dtype'])
        if t is None:
            continue
        W[k.replace('transformer.', '')] = torch.frombuffer(bytearray(b[8 + n + s:8 + n + e]), dtype=t).reshape(v['shape']).double()
    return (json.load(open(d + '/config.json')), W)


class GPT2:
    def __init__(s, d):
        s.c, s.W = load(d)
        s.L, s.H, s.D = s.c['n_layer'], s.c['n_head'], s.c['n_embd']
        s.hd = s.D // s.H
        s.act = s.c['activation_function']
        s.voc = json.load(open(d + '/vocab.json'))
        s.mer = {tuple(l.split(' ')): i for i, l in enumerate(l for l in open(d + '/merges.txt').read().split('\n') if l and not l.startswith('#version'))}

    def ln(s, x, p, hook):
        x = x - x.mean(-1, keepdim=True)
        sc = hook(p + '.scale', (x.pow(2).mean(-1, keepdim=True) + s.c['layer_norm_epsilon']).sqrt())
        return hook(p, x / sc * s.W[p + '.weight'] + s.W[p + '.bias'])

    def tok(s, t):
        if not s.mer:
            return [s.voc[c] for c in t]
        out = []
        for w in re.findall("'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\\sA-Za-z0-9]+|\\s+(?!\\S)|\\s+", t):
            p = list(w.replace(' ', 'Ġ').replace('\n', 'Ċ'))
            while len(p) > 1:
                b = min(range(len(p) - 1), key=lambda i: s.mer.get((p[i], p[i + 1]), 1000000000.0))
                if (p[b], p[b + 1]) not in s.mer:
                    break
                p[b:b + 2] = [p[b] + p[b + 1]]
            out += [s.voc[x] for x in p]
        return out

    def t1(s, t):
        r = s.tok(t)
        assert len(r) == 1, (t, r)
        return r[0]

    def __call__(s, ids, hook=lambda n, x: x, upto=None):
        W = s.W
        if isinstance(ids, str):
            ids = s.tok(ids)
        ids = torch.tensor(ids)
        n = len(ids)
        x = hook('wte', W['wte.weight'][ids]) + hook('wpe', W['wpe.weight'][:n])
        for l in range(s.L):
            p = 'h.%d.' % l
            x = hook(p + 'pre', x)
            x = x + s.attn(l, s.ln(x, p + 'ln_1', hook), hook)
            x = hook(p + 'mid', x)
            x = x + s.mlp(l, s.ln(x, p + 'ln_2', hook), hook)
            x = hook(p + 'post', x)
        return hook('logits', s.head(s.ln(x, 'ln_f', hook)))

    def head(s, x):
        return x @ s.W.get('lm_head.weight', s.W['wte.weight']).T

    def attn(s, l, a, hook=lambda n, x: x):
        W = s.W
        p = 'h.%d.' % l
        n = a.shape[0]
        qkv = hook(p + 'c_attn', (a @ W[p + 'attn.c_attn.weight'] + W[p + 'attn.c_attn.bias']).reshape(n, 3, s.H, s.hd))
        q, k, v = [hook(p + m, t) for m, t in zip('qkv', qkv.unbind(1))]
        sc = torch.einsum('qhd,khd->hqk', q, k) / s.hd ** 0.5
        sc = hook(p + 'scores', sc.masked_fill(torch.triu(torch.ones(n, n, dtype=torch.bool), 1), -float('inf')))
        pt = hook(p + 'pattern', sc.softmax(-1))
        z = hook(p + 'z', torch.einsum('hqk,khd->qhd', pt, v))
        WO = W[p + 'attn.c_proj.weight'].reshape(s.H, s.hd, s.D)
        r = hook(p + 'result', torch.einsum('qhd,hde->qhe', z, WO))
        return hook(p + 'attn_out', r.sum(1) + W[p + 'attn.c_proj.bias'])

    def mlp(s, l, m, hook=lambda n, x: x):
        W = s.W
        p = 'h.%d.' % l
        m = hook(p + 'mpre', m @ W[p + 'mlp.c_fc.weight'] + W[p + 'mlp.c_fc.bias'])
        m = m.clamp(min=0) if s.act == 'relu' else 0.5 * m * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (m + 0.044715 * m ** 3)))
        m = hook(p + 'mpost', m)
        return hook(p + 'mlp_out', m @ W[p + 'mlp.c_proj.weight'] + W[p + 'mlp.c_proj.bias'])

    def cache(s, ids, hook=lambda n, x: x):
        c = {}

        def h(n, x):
            x = hook(n, x)
            c[n] = x
            return x
        c['out'] = s(ids, h)
        return c

    def WQ(s, l, h, i=0):
        return s.W['h.%d.attn.c_attn.weight' % l].reshape(s.D, 3, s.H, s.hd)[:, i, h]

    def WO(s, l, h):
        return s.W['h.%d.attn.c_proj.weight' % l].reshape(s.H, s.hd, s.D)[h]


def at(d):
    """hook from {site: fn}"""
    return lambda n, x: d[n](x) if n in d else x


def put(x, ix, v):
    x = x.clone()
    x[ix] = v
    return x


def putter(ix, v):
    return lambda x: put(x, ix, v)


def lnf(m, x):
    return m.ln(x, 'ln_f', lambda n, y: y)


def ld(lo):
    return lo[-1, J] - lo[-1, Y]


def grads(m, ids, metric, hook=lambda n, x: x, names=None):
    c = {}

    def h(n, x):
        x = hook(n, x)
        if not x.requires_grad:
            x = x.detach().requires_grad_()
        c[n] = x
        return x
    out = m(ids, h)
    mt = metric(out) if not callable(getattr(metric, 'c', None)) else metric.c(c, out)
    ks = list(c)
    gs = torch.autograd.grad(mt, [c[k] for k in ks], allow_unused=True)
    return ({k: v.detach() for k, v in c.items()}, {k: g if g is not None else torch.zeros_like(c[k]) for k, g in zip(ks, gs)}, mt.detach())


def gen(m, ids, n, hook=None, stop=None):
    """hook(k,T0) -> hook fn on full forward; returns tokens, caches"""
    ids = list(m.tok(ids) if isinstance(ids, str) else ids)
    T0 = len(ids)
    out = []
    cs = []
    for k in range(n):
        c = m.cache(ids, hook(k, T0) if hook else lambda nm, x: x)
        t = int(c['out'][-1].argmax())
        out.append(t)
        ids.append(t)
        cs.append(c)
        if stop is not None and t == stop:
            break
    return (out, cs)


ioi = GPT2(sys.argv[1])
Cl = P = 'After John and Mary went to the store, Mary gave a bottle of milk to'
Co = 'After John and Mary went to the store, John gave a bottle of milk to'
RAG = [Cl, 'Then, John and Mary went to the park. John gave a', 'John gave a bottle']
J, Y = ioi.t1(' John'), ioi.t1(' Mary')
S = slice(None)
CE = torch.nn.functional.cross_entropy


def residual_patching():
    c = ioi.cache(Cl)
    x = ioi.cache(Co)
    a = ld(c['out'])
    b = ld(x['out'])
    n = 16
    g = torch.zeros(4, n)
    for l in range(4):
        for p in range(n):
            g[l, p] = (ld(ioi(Co, at({f'h.{l}.post': putter(p, c[f'h.{l}.post'][p])}))) - b) / (a - b)
    return dict(pl=g, clean_logit_diff=a, corrupted_logit_diff=b)


def direct_logit_attribution():
    c = ioi.cache(P)
    parts = [c['wte'][-1] + c['wpe'][-1]]
    for l in range(4):
        parts += [c[f'h.{l}.result'][-1, h] for h in range(4)] + [ioi.W[f'h.{l}.attn.c_proj.bias'], c[f'h.{l}.mlp_out'][-1]]
    s = torch.stack(parts)
    d = ioi.W['wte.weight'][J] - ioi.W['wte.weight'][Y]
    return dict(dla=(s - s.mean(-1, keepdim=True)) / c['ln_f.scale'][-1] * ioi.W['ln_f.weight'] @ d, rest=ioi.W['ln_f.bias'] @ d, stacked=s)


def attribution_patching():
    c = ioi.cache(Cl)
    g = grads(ioi, Co, ld)
    hp = torch.stack([((c[f'h.{l}.z'] - g[0][f'h.{l}.z']) * g[1][f'h.{l}.z']).sum(-1).T for l in range(4)])
    rp = torch.stack([((c[f'h.{l}.pre'] - g[0][f'h.{l}.pre']) * g[1][f'h.{l}.pre']).sum(-1) for l in range(4)])
    mp = torch.stack([((c[f'h.{l}.mlp_out'] - g[0][f'h.{l}.mlp_out']) * g[1][f'h.{l}.mlp_out']).sum(-1) for l in range(4)])
    return dict(hp=hp, rp=rp, mp=mp)


def integrated_gradients():
    e = ioi.cache(P)['wte']
    G = 0
    for i in range(16):
        t = (e * ((i + 0.5) / 16)).detach().requires_grad_()
        g, = torch.autograd.grad(ioi(P, at({'wte': lambda x: t}))[-1, J], t)
        G = G + g
    z = ioi(P, at({'wte': lambda x: x * 0}))[-1, J]
    f = ioi(P)[-1, J]
    ig = (G / 16 * e).sum(-1)
    return dict(ig=ig, zero=z, full=f)


def attention_knockout():
    o = []
    o2 = []
    o3 = []
    for l in range(4):
        d = {f'h.{k}.scores': putter((slice(None), -1, 1), -math.inf) for k in range(max(0, l - 1), min(4, l + 2))}
        o.append(ioi(P, at(d))[-1].softmax(-1)[J])
        o2.append(ioi(P, at({f'h.{l}.pattern': putter((slice(None), -1, 3), 0)}))[-1].softmax(-1)[J])
        o3.append(ioi(P, at({f'h.{l}.pattern': putter(2, torch.eye(16))}))[-1].softmax(-1)[J])
    return dict(out=torch.stack(o), out2=torch.stack(o2), out3=torch.stack(o3), where_=[1, 3], sp=dict(start=12, stop=15))


def path_patching():
    a = ioi.cache(Cl)
    b = ioi.cache(Co)
    base = ld(a['out'])
    E = torch.zeros(3, 4)
    for l in range(3):
        for h in range(4):
            d = {f'h.{k}.z': (lambda k: lambda x: a[f'h.{k}.z'])(k) for k in range(4)}
            d[f'h.{l}.z'] = lambda x: put(a[f'h.{l}.z'], (slice(None), h), b[f'h.{l}.z'][:, h])
            q = ioi.cache(Cl, at(d))['h.3.q'][:, 1]
            E[l, h] = ld(ioi(Cl, at({'h.3.q': putter((slice(None), 1), q)}))) - base
    return dict(eff=E)


def mean_ablation():
    N = ['John', 'Mary', 'Tom', 'Lisa']
    pr = [(a, b) for a in N for b in N if a != b]
    ds = [f'After {a} and {b} went to the store, {b} gave a bottle of milk to' for a, b in pr]
    A = [ioi.t1(' ' + a) for a, b in pr]
    B = [ioi.t1(' ' + b) for a, b in pr]
    cs = [ioi.cache(p) for p in ds]
    d0 = torch.stack([c['out'][-1, a] - c['out'][-1, b] for c, a, b in zip(cs, A, B)])
    mz = [torch.stack([c[f'h.{l}.z'] for c in cs]).mean(0) for l in range(4)]
    D = torch.zeros(4, 4, len(ds))
    for l in range(4):
        for h in range(4):
            for i, p in enumerate(ds):
                o = ioi(p, at({f'h.{l}.z': putter((slice(None), h), mz[l][:, h])}))
                D[l, h, i] = o[-1, A[i]] - o[-1, B[i]]
    e = D - d0
    n = len(ds)
    return dict(eff=dict(mean=e.mean(-1), se=e.std(-1) / n ** 0.5), acc=(d0 > 0).double().mean(), med=np.median(d0.numpy()), q9=np.quantile(d0.numpy(), 0.9), d=D, sd=[float(d0.std()), float(d0.var()), float(d0.std() / n ** 0.5), float(d0.norm())])


def cross_prompt():
    A = 'John gave a bottle of milk to'
    B = 'Mary gave a book to'
    a = ioi.cache(A, at({'h.0.post': lambda x: put(x, 0, x[0] * 2)}))
    o = ioi(B, at({'h.0.pre': putter(-1, a['h.2.post'][-1]), 'h.2.z': putter((-1, 1), a['h.1.z'][-1, 2]), 'h.1.mlp_out': lambda x: put(x, 1, x[1] + 0.5 * a['h.3.post'][-2])}))[-1]
    c = ioi.cache(A)
    d = torch.tensor([[ioi(B, at({f'h.{j}.pre': putter(-1, c[f'h.{i}.post'][-1])}))[-1, J] for j in range(3)] for i in range(3)])
    s = ioi(A, at({'h.0.post': putter(-1, c['h.2.post'][1])}))[-1]
    return dict(out=o, d=d, self_=s)


def frozen_layernorm():
    c = ioi.cache(Cl)
    d = {}
    for l in range(4):
        d[f'h.{l}.ln_1.scale'] = (lambda v: lambda x: v)(c[f'h.{l}.ln_1.scale'])
        d[f'h.{l}.ln_2.scale'] = (lambda v: lambda x: v)(c[f'h.{l}.ln_2.scale'])
    d['ln_f.scale'] = lambda x: c['ln_f.scale']
    k = ioi.cache(Co, at({'h.2.result': putter((slice(None), 1), c['h.2.result'][:, 1])}))
    ab = ioi(Co, at({'h.2.result': lambda x: put(put(x, (-1, 0), 0), (-1, 3), 0), 'h.1.result': lambda x: put(x, (slice(5, None), 2), x[5:, 2] * 0.5)}))[-1]
    return dict(frozen=ioi(Co, at(d))[-1], ao=k['h.2.attn_out'][None], patched=k['out'][-1], ab=ab)


def queries_keys_values():
    c = ioi.cache(Cl)
    S = slice(None)

    def vv(x):
        x = x.clone()
        x[::2] *= 1.5
        return x
    a = ioi.cache(Co, at({'h.2.q': putter((S, 1), c['h.2.q'][:, 1]), 'h.2.k': putter((slice(3, 9), 0), 0), 'h.2.v': vv}))
    b = ioi.cache(Co, at({'h.3.c_attn': putter((S, 2), c['h.3.c_attn'][:, 2])}))

    def q3(x):
        x = x.clone()
        x[..., 0] += 1
        return x
    d = ioi.cache(Co, at({'h.3.c_attn': putter((S, 0, 2), 0), 'h.3.q': q3}))
    e = ioi.cache(Co, at({'h.1.pattern': putter((1, slice(4, None), 0), 0.5)}))
    f = ioi.cache(Co, at({'h.1.scores': lambda x: put(x, 3, x[3] / 2)}))
    return dict(o1=a['out'][-1], ca2=torch.stack([a['h.2.' + n][4] for n in 'qkv']), o2=b['out'][-1], v3=b['h.3.v'][None], o3=d['out'][-1], q3=d['h.3.q'][None], o4=e['out'][-1], z=e['h.1.z'][:, 1], o5=f['out'][-1], p5=f['h.1.pattern'][3])


def own_positions():
    js = [1, 9, 0]
    cs = [ioi.cache(p) for p in RAG]
    T = [len(c['out']) for c in cs]
    js[1] = max((i for i, t in enumerate(ioi.tok(RAG[1])) if t == J))
    js[0] = 1
    a = [ioi(p, at({'h.1.post': putter(j, 0)})) for p, j in zip(RAG, js)]
    b = [ioi(p, at({'h.0.post': lambda x: put(x, j, x[j] + c['h.1.post'][j])}))[-1] for p, j, c in zip(RAG, js, cs)]
    h = [c['h.1.post'] for c in cs]
    pd = torch.full((3, 16, 3), -1.0)
    for i in range(3):
        pd[i, :T[i]] = h[i][:, :3]
    return dict(jj=js, r=torch.stack([x[j] for x, j in zip(h, js)]), z=torch.stack([c['h.1.z'][k, 2] for c, k in zip(cs, [-1, 0, 1])]), o=torch.stack([x[-1] for x in a]), pk=torch.stack([x[-1, i] for x, i in zip(a, [5, 6, 7])]), lp=torch.stack([x[-3:].log_softmax(-1)[:, i] for x, i in zip(a, [5, 6, 7])]), o2=torch.stack(b), mp=torch.stack([x.mean(0) for x in h]), pd=pd, sl=torch.stack([x[-4:-1, ::32] for x in h]), row=h[1], two=[h[0][1:, 5], h[2][1:, 5]], neg=[x.flip(0)[:, 0] for x in h])


def late_to_early():
    O = []
    for p, a in zip(RAG[:2], [7, 8]):
        c = ioi.cache(p)
        late = c['h.3.post'][3]
        mid = c['h.2.z'][5, 1]
        O.append(ioi(p, at({'h.0.post': lambda x: put(x, -1, x[-1] + 0.1 * late), 'h.0.z': putter((a, 3), mid)}))[-1])
    ed = {}
    for i in range(3):
        c = ioi.cache(RAG[0], at({'h.0.pre': lambda x: functools.reduce(lambda y, kv: put(y, kv[0], kv[1]), ed.items(), x)}))
        ed[4 + 3 * i] = c['h.3.post'][3 * i + 2]
    ch = ioi(RAG[0], at({'h.0.pre': lambda x: functools.reduce(lambda y, kv: put(y, kv[0], kv[1]), ed.items(), x)}))[-1]
    return dict(o=torch.stack(O), ch=ch)


def prompts():
    T = ioi.tok
    ids = [T('John gave'), T('Mary gave a'), [629] + T('John gave'), [5, 6, 7]]
    ds = [(f'{n} gave a {o}', ioi.t1(' ' + n)) for n in ['John', 'Mary'] for o in ['bottle', 'book']]
    os_ = [ioi(p) for p, _ in ds]
    inv = {v: k.replace('Ġ', ' ') for k, v in ioi.voc.items()}
    CE = torch.nn.functional.cross_entropy
    return dict(x=torch.stack([ioi(i)[-1, :5] for i in ids]), n=[ioi.cache(i)['h.0.post'][:, 0] for i in ids], y=ioi([629] + T('John')), z=ioi('John gave')[None], w=[1, 3, 630], v=torch.stack([ioi(a + b)[-1, 0] for a in ['John', 'Mary'] for b in [' gave a', ' went']]), u=torch.stack([ioi('John gave a')[-1, :4], ioi('John gave a', at({'h.0.post': lambda x: x * 0}))[-1, :4]]), same=0, pr=torch.stack([o[-1].softmax(-1)[a] for o, (p, a) in zip(os_, ds)]), ls=torch.stack([CE(o[:-1], torch.tensor(T(p)[1:])) for o, (p, a) in zip(os_, ds)]), rk=[int((o[-1] > o[-1, a]).sum()) for o, (p, a) in zip(os_, ds)], lengths=[len(T(p)) for p, _ in ds], dec='John gave a bottle|' + inv[5])


def decisions():
    c = ioi.cache(Cl)
    d = torch.stack([ld(ioi.head(lnf(ioi, c[f'h.{l}.post']))) for l in range(4)])
    rk = [int(i) for i in torch.argsort(-d)]
    ko = []
    for h in range(4):
        s = int(c['h.3.pattern'][h, -1].argmax())
        ko.append(ld(ioi(Cl, at({'h.3.scores': putter((h, -1, s), -math.inf)}))))
    return dict(d=d, sign_='pos' if d.max() > 0 else 'neg', rk=rk, res=[ld(ioi(Cl, at({f'h.{i}.mlp_out': putter(-1, 0)}))) for i in rk[:2]], ko=ko, cut_=int((d > 0).sum()), greedy_=gen(ioi, Cl, 3)[0])


def grad_across_prompts():
    C = 'Mary gave a bottle of milk to'
    X = 'John gave a book to'
    W = ioi.W
    names = ['h.1.mlp.c_proj.weight', 'wte.weight']
    old = {n: W[n] for n in names}
    for n in names:
        W[n] = W[n].clone().requires_grad_()
    c = ioi.cache(C)
    cx = {}

    def h(n, x):
        if n == 'h.0.post':
            x = put(x, -1, x[-1] + 0.7 * c['h.1.post'][2])
        cx[n] = x
        return x
    lo = ioi(X, h)
    m = lo[-1, J]
    mc = c['out'][-1, 7]
    gx = torch.autograd.grad(m + mc, cx['h.1.post'], retain_graph=True)[0]
    gp = torch.autograd.grad(m + 2 * mc, W[names[0]], retain_graph=True)[0]
    ge = torch.autograd.grad(m, W['wte.weight'], retain_graph=True)[0]
    for n in names:
        W[n] = old[n]
    return dict(gx=gx[None], gp=gp[:4], ge=ge[ioi.tok(C)])


def edge_attribution():
    x = ioi.cache(Co)
    c, g, _ = grads(ioi, Cl, ld)
    E = torch.zeros(4, 4, 4)
    for u in range(4):
        for d in range(u, 4):
            E[u, d] = torch.einsum('phd,pd->h', x[f'h.{u}.result'] - c[f'h.{u}.result'], g[f'h.{d}.mid'])
    return dict(edge=E, mlp_edge=[((x[f'h.{u}.mlp_out'] - c[f'h.{u}.mlp_out']) * g[f'h.{u}.post']).sum() for u in range(4)])


def patchscope():
    src = RAG[0]
    tgt = RAG[1]
    c = ioi.cache(src)
    G = []
    LP = []
    for l in range(4):
        hk = lambda k, T0: lambda n, x: put(x, 2, c[f'h.{l}.post'][9]) if n == 'h.0.post' else x
        g, cc = gen(ioi, tgt, 3, hk)
        G.append(g)
        LP.append(cc[0]['out'][-1].log_softmax(-1)[Y])
    sg, sc = gen(ioi, src, 4)

    def hk2(k, T0):

        def h(n, x):
            if n != 'h.2.post':
                return x
            x = x.clone()
            for s in range(1, 4):
                if s <= k:
                    x[T0 - 1 + s] *= 0.5
            return x
        return h
    return dict(g=np.array(G), lp=torch.stack(LP), h=torch.stack([x['h.2.post'][-1] for x in sc]), sg=sg, tg=gen(ioi, tgt, 4, hk2)[0])


def generation():
    p = 'John gave a bottle'
    q = 'Mary gave a book'
    gp, cp = gen(ioi, p, 4)
    first = cp[0]['h.1.post'][-1]
    A = [c['h.1.post'][-1] for c in cp]

    def hk(k, T0):

        def h(n, x):
            if n == 'h.1.post':
                x = x.clone()
                for s in range(1, 4):
                    if s <= k:
                        x[T0 - 1 + s] = first
            return x
        return h

    def hk2(k, T0):

        def h(n, x):
            if n == 'h.0.post':
                x = x.clone()
                for s in range(1, 4):
                    if s <= k:
                        x[T0 - 1 + s] += A[s - 1]
            return x
        return h
    g, c = gen(ioi, q, 4, hk)
    g2, c2 = gen(ioi, q, 4, hk2)
    return dict(a=torch.stack(A), l=torch.stack([x['out'][-1, :6] for x in c]), g=g, g2=g2, l3=c2[3]['out'][-1])


def direct_effect():
    a = ioi.cache(Cl)
    b = ioi.cache(Co)
    base = ld(a['out'])
    E = torch.zeros(4, 4)
    for l in range(4):
        for h in range(4):
            d = {f'h.{l}.z': putter((S, h), b[f'h.{l}.z'][:, h])}
            for k in range(l + 1, 4):
                d[f'h.{k}.attn_out'] = (lambda v: lambda x: v)(a[f'h.{k}.attn_out'])
            for k in range(l, 4):
                d[f'h.{k}.mlp_out'] = (lambda v: lambda x: v)(a[f'h.{k}.mlp_out'])
            E[l, h] = ld(ioi(Cl, at(d))) - base
    return dict(eff=E, tot=E.sum(1))


def weights():
    OV = lambda l, h: ioi.WQ(l, h, 2) @ ioi.WO(l, h)
    n = lambda x: x.norm()
    qc = torch.zeros(4, 4)
    for a in range(4):
        for b in range(4):
            B = ioi.WQ(1, b) @ ioi.WQ(1, b, 1).T
            qc[a, b] = n(OV(0, a) @ B) / (n(OV(0, a)) * n(B))
    E = ioi.W['wte.weight']
    T = [J, Y, ioi.t1(' store')]
    f = E[T] @ OV(2, 1) @ E[T].T
    bb = ioi.W['h.0.attn.c_attn.bias'].reshape(3, 4, 32)
    pp = ioi.W['wpe.weight'][:12]
    qk = (pp @ ioi.WQ(0, 0) + bb[0, 0]) @ (pp @ ioi.WQ(0, 0, 1) + bb[1, 0]).T / 32 ** 0.5
    qk = qk.masked_fill(torch.triu(torch.ones(12, 12, dtype=torch.bool), 1), -math.inf).softmax(-1)
    wi = ioi.W['h.1.mlp.c_fc.weight']
    wo = ioi.W['h.1.mlp.c_proj.weight']
    Ec = E - E.mean(0)
    return dict(q_comp=qc, v_comp=n(OV(0, 1) @ OV(1, 2)) / (n(OV(0, 1)) * n(OV(1, 2))), f=f, dg=f.diagonal(), prev=qk.diagonal(-1).mean(), nw=wi[:, 17].abs().topk(3)[1], cosn=torch.cosine_similarity(wi[:, 17], wo[17], 0), tied=0.0, nn_=wo.norm(dim=-1)[:5], pc=torch.linalg.svdvals(Ec)[:4], det_=ioi.W['h.0.attn.c_attn.weight'][0, :3], st=torch.stack([E.std(), E.mean(), ioi.W['wpe.weight'].max(), sum((ioi.W[f'h.{l}.mlp.c_fc.bias'].sum() for l in range(4))), E[5, 6]]))


def several_layers():
    c = ioi.cache(Cl)
    Z = lambda l, ix: putter(ix, c[f'h.{l}.z'][ix])
    last = lambda d: ioi(Co, at(d))[-1, :6]
    clean = lambda name, ls: {f'h.{l}.{name}': (lambda v: lambda x: v)(c[f'h.{l}.{name}']) for l in ls}
    m = ioi.cache(Co, at({f'h.{l}.mlp_out': lambda x: put(x, -1, x[-1] * 0.5) for l in range(4)}))
    e = {'h.2.pattern': putter((1, -1), 0), 'h.3.pattern': lambda x: put(put(x, (1, -1), 0), (1, -1, 0), 1)}
    return dict(a=last({f'h.{l}.z': Z(l, slice(9, 11)) for l in range(4)}), b=last({f'h.{l}.z': Z(l, (S, [0, 2])) for l in [1, 2]}), c=m['out'][-1, :6], cm=torch.stack([m[f'h.{l}.mlp_out'][-1, 0] for l in range(4)]), d=last(clean('mlp_out', [0, 2])), e=last(e), f=last({f'h.{l}.z': putter((S, 1), 0) for l in range(4)}), g=last(clean('mlp_out', range(4))), h=last({f'h.{l}.attn_out': lambda x: x * 0.5 for l in [0, 3]}), i=last({f'h.{l}.mlp_out': putter(-1, c[f'h.{l}.mlp_out'][-1]) for l in [1, 2]}), axes=['layer', 'batch', 'pos', 'head', 'd_head'])


def logistic_probe():
    N = ['John', 'Mary', 'Tom', 'Lisa']
    pr = [(a, b) for a in N for b in N if a != b]
    ps = [f'After {a} and {b} went to the store, {b} gave a bottle of milk to' for a, b in pr]
    cs = [ioi.cache(p) for p in ps]
    y = torch.tensor([1.0 if a < b else 0.0 for a, b in pr])
    h = torch.stack([c['h.2.post'][-1] for c in cs])
    x = (h - h.mean(0)) / h.std(0)
    w = torch.zeros(128)
    b = 0.0
    for _ in range(40):
        s = torch.sigmoid(x @ w + b)
        w = w - 0.1 * (x.T @ (s - y)) / len(ps)
        b = b - 0.1 * (s - y).mean()
    s = torch.sigmoid(x @ w + b)
    d = w / h.std(0)
    d = 3 * d / d.norm()
    before = torch.stack([c['out'][-1, J] for c in cs])
    after = torch.stack([ioi(p, at({'h.2.post': lambda x: put(x, -1, x[-1] + d)}))[-1, J] for p in ps])
    return dict(before=before, acc=((s > 0.5) == (y > 0.5)).double().mean(), ce=-(y * s.log() + (1 - y) * (1 - s).log()).mean(), some=w[:5], size=w.norm(), after=after, shift=(after - before).mean())


def site_chains():
    p = RAG[1]
    c = ioi.cache(p.replace('John gave', 'Mary gave'))
    of = lambda name: lambda x: c['h.2.' + name]
    run = lambda d: ioi.cache(p, at({n if n == 'ln_f' else 'h.' + n: f for n, f in d.items()}))
    o2 = run({'2.result': putter((S, 1), 0), '2.attn_out': putter(-1, c['h.2.attn_out'][-1])})
    o7 = run({'1.post': lambda x: put(put(x, 3, 2.0), (3, 0), 5.0)})
    runs = [run({'2.result': putter((S, 1), c['h.2.result'][:, 1]), '2.attn_out': lambda x: put(x, -1, x[-1] * 0.5)}), o2,
            run({'2.z': putter((S, 0), c['h.2.z'][:, 0]), '2.result': lambda x: put(x, (S, 0), 2 * x[:, 0])}),
            run({'2.q': of('q'), '2.k': of('k')}), run({'2.q': of('k')}),
            run({'2.ln_1.scale': of('ln_1.scale'), '2.ln_1': putter(-1, c['h.2.ln_1'][-1])}), o7,
            run({'1.ln_2': putter((S, 5), 0), '1.mpre': putter((S, 7), 3.0), '1.mpost': putter((S, 9), 0), '1.mlp_out': lambda x: x * 2, '1.mid': putter(0, 0)}),
            run({'3.post': lambda x: put(put(x, -1, 0.3), (-1, 1), 2.0), 'ln_f': putter((-1, 0), 0)})]
    outs = {f'o{i + 1}': r['out'][-1, :6] for i, r in enumerate(runs)}
    return dict(outs, ao=o2['h.2.attn_out'][[0, -1], :4], s7=o7['h.1.post'][3, :3], o10=ioi.head(lnf(ioi, ioi.cache(p)['h.1.post']))[-1, :6])


def ragged_attention():
    cs = [ioi.cache(p) for p in RAG]
    q, k = [len(c['out']) - 1 for c in cs], [1, 2, 0]
    st = torch.stack
    last = lambda f: st([ioi(p, at(f(i, j)))[-1, :5] for p, i, j in zip(RAG, q, k)])
    pt = lambda l: [c[f'h.{l}.pattern'] for c in cs]
    half = lambda i, j: lambda x: put(x, (0, i, j), x[0, i, j] + 0.5)
    o3 = lambda i, j: {'h.1.k': putter((j, 1), 0), 'h.1.v': lambda x: put(x, -1, x[0]), 'h.3.result': putter((-1, 0), 1.5)}
    cells = [c['h.1.post'][:, :3] for c in cs]
    return dict(a=st([x[:, i, j] for x, i, j in zip(pt(2), q, k)]), b=[x[1, -1] for x in pt(1)], c=st([x[:, -1, 0] for x in pt(1)]).mean(0), dg=st([x.diagonal(-1, -2, -1).mean(-1) for x in pt(0)]), mx=st([x[:, -1].argmax(-1) for x in pt(2)]), big=[(c['h.2.post'] > 1).sum(-1) for c in cs], share=st([(c['h.2.mpost'] > 0).double().mean() for c in cs]), ce=[CE(c['out'][:-1], torch.tensor(ioi.tok(p)[1:]), reduction='none') for p, c in zip(RAG, cs)],
                o1=last(lambda i, j: {'h.2.scores': putter((S, i, j), -math.inf)}), o2=last(lambda i, j: {'h.1.pattern': half(i, j), 'h.2.pattern': putter((3, -1), 0)}), o3=last(o3), cells=cells, mcell=st([x.mean(0) for x in cells]))


def number(x):
    if x != x or abs(x) == math.inf:
        return 'NaN' if x != x else 'Infinity' if x > 0 else '-Infinity'
    return int(x) if x == int(x) and abs(x) < 1000000000000000.0 else float('%.7g' % x)


def fill(old, want):
    """The file's value with new numbers: shapes and axes stay."""
    if isinstance(old, dict) and 'data' in old:
        if isinstance(want, list) and want and isinstance(want[0], torch.Tensor):
            want = torch.stack(want)
        a = np.array(want.detach().numpy() if isinstance(want, torch.Tensor) else want, dtype=float)
        assert list(a.shape) == old['shape'], (a.shape, old['shape'])
        return dict(old, data=[number(x) for x in a.reshape(-1)])
    if isinstance(old, dict) and 'rows' in old:
        return dict(old, rows=[fill(o, w) for o, w in zip(old['rows'], want)])
    if isinstance(old, dict):
        return {k: fill(old[k], want[k]) for k in old}
    if isinstance(old, list):
        return [fill(o, w) for o, w in zip(old, want)]
    return want if isinstance(old, (str, bool)) else number(float(want))


for experiment in [residual_patching, direct_logit_attribution, attribution_patching, integrated_gradients, attention_knockout, path_patching, mean_ablation, cross_prompt, frozen_layernorm, queries_keys_values, own_positions, late_to_early, prompts, decisions, grad_across_prompts, edge_attribution, patchscope, generation, direct_effect, weights, several_layers, logistic_probe, site_chains, ragged_attention]:
    path = f'{sys.argv[2]}/{experiment.__name__}.json'
    old, want = json.load(open(path)), experiment()
    lines = [f'  {json.dumps(k)}: {json.dumps(fill(old[k], want[k]), separators=(",", ":"))}' for k in old]
    open(path, 'w').write('{\n' + ',\n'.join(lines) + '\n}\n')
