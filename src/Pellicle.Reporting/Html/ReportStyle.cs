namespace Pellicle.Reporting.Html;

/// <summary>The style sheet: light and dark by the reader's setting, print without colour fields, system fonts only.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root{color-scheme:light dark;--bg:#fff;--panel:#f6f8fa;--text:#1b2430;--muted:#566272;--line:#d5dce4;--grid:#e6eaef;--s0:#1f5fa8;--s1:#c2410c;--s2:#15803d;--s3:#7c3aed;--s4:#0e7490;
        --bad:#a8071a;--badbg:#fff1f0;--good:#166534;--warn:#8a4b00;--warnbg:#fff7e6;--heat:31,95,168}
        @media (prefers-color-scheme:dark){:root{--bg:#12161c;--panel:#1a2028;--text:#e6e9ee;--muted:#a3afbd;--line:#343e4a;--grid:#262e38;--s0:#6cb0ff;--s1:#ff9b5e;--s2:#5fd08a;--s3:#c3a3ff;--s4:#4fd0e4;
        --bad:#ff9a94;--badbg:#3a1516;--good:#7ddf9b;--warn:#ffc66b;--warnbg:#33260f;--heat:108,176,255}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
        main{max-width:62rem;margin:0 auto;padding:2rem 1.25rem 4rem}
        h1{font-size:1.9rem;line-height:1.2;margin:.2rem 0 .6rem}h2{font-size:1.35rem;margin:2.4rem 0 .6rem;padding-top:.9rem;border-top:1px solid var(--line)}h3{font-size:1.05rem;margin:1.5rem 0 .4rem}
        article>h1{font-size:1.6rem;margin-top:3rem}
        p{margin:.5rem 0 .8rem;max-width:46rem}.eyebrow{color:var(--muted);font-size:.9rem;margin:0}.muted{color:var(--muted)}.small{font-size:.88rem}
        nav{margin:1rem 0;font-size:.92rem}nav a{margin-right:1rem;white-space:nowrap}a{color:var(--s0)}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.9rem;margin:1.2rem 0}
        .card{background:var(--panel);border:1px solid var(--line);border-radius:.6rem;padding:.9rem 1rem}.card .label{color:var(--muted);font-size:.85rem}.card .value{font-size:1.7rem;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums}.card .note{font-size:.85rem;color:var(--muted)}
        .alarm,.caution{border:1px solid;border-left-width:.4rem;border-radius:.4rem;padding:.7rem 1rem;margin:1rem 0}.alarm{border-color:var(--bad);background:var(--badbg);color:var(--bad)}.caution{border-color:var(--warn);background:var(--warnbg);color:var(--warn)}
        .alarm b,.caution b{display:block;font-size:1.08rem}.alarm p,.caution p{margin:.2rem 0 0}
        .stamp{display:inline-block;border:2px solid var(--bad);color:var(--bad);font-weight:700;letter-spacing:.04em;padding:.15rem .6rem;border-radius:.3rem;margin:.4rem 0}
        .good{color:var(--good)}.bad{color:var(--bad);font-weight:600}
        .scroll{overflow-x:auto;margin:.8rem 0}table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}caption{text-align:left;color:var(--muted);font-size:.88rem;padding-bottom:.35rem}
        th,td{padding:.32rem .8rem .32rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}thead th{color:var(--muted);font-weight:600;border-bottom-width:2px;white-space:nowrap}tbody th{font-weight:500}td{white-space:nowrap}table.wrap td{white-space:normal}
        table.matrix td,table.matrix thead th{text-align:right;padding:.4rem .8rem}
        dl.facts{display:grid;grid-template-columns:minmax(9rem,15rem) 1fr;gap:.25rem 1.2rem;margin:.6rem 0}dl.facts dt{color:var(--muted)}dl.facts dd{margin:0;overflow-wrap:anywhere}
        figure{margin:1.1rem 0;padding:0;break-inside:avoid}figcaption{font-size:.9rem;color:var(--muted);max-width:46rem}figure svg{display:block;width:100%;max-width:46rem;height:auto}
        .legend{display:flex;flex-wrap:wrap;gap:.3rem 1.3rem;font-size:.9rem;margin:.2rem 0 .3rem;padding:0;list-style:none}.legend svg{width:2rem;height:.8rem;display:inline-block;vertical-align:middle;margin-right:.4rem}
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(21rem,1fr));gap:0 1.6rem}
        svg text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--text)}svg .tick{fill:var(--muted);font-size:12px}svg .axis{stroke:var(--muted);stroke-width:1}svg .grid{stroke:var(--grid);stroke-width:1}
        svg .line{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}svg .c0{stroke:var(--s0)}svg .c1{stroke:var(--s1)}svg .c2{stroke:var(--s2)}svg .c3{stroke:var(--s3)}svg .c4{stroke:var(--s4)}svg .cm{stroke:var(--muted)}
        svg .f0{fill:var(--s0)}svg .f1{fill:var(--s1)}svg .f2{fill:var(--s2)}svg .f3{fill:var(--s3)}svg .f4{fill:var(--s4)}svg .fm{fill:var(--muted)}svg .d1{stroke-dasharray:8 4}svg .d2{stroke-dasharray:2 4}svg .d3{stroke-dasharray:10 3 2 3}svg .whisker{stroke-width:2}
        pre{background:var(--panel);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;overflow-x:auto;font:13px/1.45 ui-monospace,"SFMono-Regular",Menlo,Consolas,monospace}code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.92em}
        ul.check{list-style:none;padding-left:0}ul.check li{margin:.45rem 0;padding-left:2rem;position:relative}ul.check li::before{content:"";position:absolute;left:0;top:.2rem;width:1.05rem;height:1.05rem;border:1.5px solid var(--muted);border-radius:.2rem}ul.check .fill{display:block;border-bottom:1px dotted var(--muted);height:1.5rem;max-width:32rem}
        .pictures{display:flex;flex-wrap:wrap;gap:.6rem}.pictures figure{margin:0}.pictures img{width:96px;height:96px;object-fit:contain;background:var(--panel);border:1px solid var(--line);border-radius:.3rem;image-rendering:auto}
        footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.8rem;color:var(--muted);font-size:.88rem}
        @media print{:root{--bg:#fff;--panel:#fff;--text:#000;--muted:#444;--line:#bbb;--grid:#e3e3e3;--s0:#1f5fa8;--s1:#c2410c;--s2:#15803d;--s3:#7c3aed;--s4:#0e7490;--bad:#a8071a;--badbg:#fff;--good:#166534;--warn:#8a4b00;--warnbg:#fff;--heat:31,95,168}
        body{font-size:10.5pt}main{max-width:none;padding:0}nav{display:none}h2,h3{break-after:avoid}article{break-before:page}article:first-of-type{break-before:auto}pre{white-space:pre-wrap}.scroll{overflow:visible}td{white-space:normal}tr,.card,.alarm,.caution{break-inside:avoid}@page{margin:16mm}}
        """;
}
