//! `code` on answers that mean harm, or do it by accident: each is a fail, harms nothing, and leaves nothing.
//!
//! Every one of these is written so that it would do no harm to the machine even if nothing held it: loops have an end,
//! signals are signal 0, and what is deleted belongs to the test.

use std::fs;

use serde_json::json;

use super::Programs;
use crate::context::KEY;

/// Python that must not come to its end, and a part of the reason.
const HARMFUL: &[(&str, &str, &str)] = &[
    ("leaves", "import os\nos._exit(0)", "ended with exit code 0 before its tests were through"),
    ("leaves in order", "import sys\nsys.exit(0)", "called for the end of the program"),
    (
        "leaves at the end",
        "import atexit, os\natexit.register(lambda: os._exit(0))\nraise SystemExit(0)",
        "called for the end",
    ),
    ("kills itself", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "ended by signal 9"),
    ("crashes", "import ctypes\nctypes.string_at(0)", "ended by signal 11"),
    ("hangs", "while True: pass", "was not through within 5s"),
    (
        "sleeps",
        "import time\nwhile True:\n    try: time.sleep(99)\n    except BaseException: pass",
        "was not through within 5s",
    ),
    (
        "forks",
        "import os, time\nfor _ in range(20):\n    if os.fork() == 0:\n        time.sleep(1)\n        os._exit(0)",
        "PermissionError",
    ),
    ("starts", "import subprocess\nsubprocess.run(['sh', '-c', ':'])", "PermissionError"),
    ("takes memory", "a = bytearray(10**9)", "MemoryError"),
    ("takes memory bit by bit", "a = []\nfor _ in range(1000): a.append(bytearray(10**6))", "MemoryError"),
    ("takes shared memory", "import mmap\na = [mmap.mmap(-1, 10**8) for _ in range(10)]", "OSError"),
    ("prints for ever", "while True: print('x' * 1000)", "printed more than"),
    ("connects", "import socket\nsocket.create_connection(('127.0.0.1', PORT))", "PermissionError"),
    ("fetches", "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:PORT/')", "Operation not permitted"),
    ("talks to other programs", "import socket\nsocket.socket(socket.AF_UNIX)", "PermissionError"),
    ("deletes", "import os\nos.remove('CANARY')", "PermissionError"),
    ("deletes folders", "import shutil\nshutil.rmtree('WORK')", "PermissionError"),
    ("overwrites", "open('CANARY', 'w').write('gone')", "PermissionError"),
    ("cuts off", "import os\nos.truncate('CANARY', 0)", "PermissionError"),
    ("renames", "import os\nos.rename('CANARY', 'WORK/other')", "PermissionError"),
    ("reads", "print(open('CANARY').read())", "PermissionError"),
    ("reads the suite", "raise ValueError(open('WORK/suite.yaml').read())", "PermissionError"),
    ("lists", "import os\nos.listdir(os.path.expanduser('~root') if os.getuid() == 0 else '/home')", "PermissionError"),
    (
        "reads the key of bench",
        "import os\nraise ValueError(open('/proc/%d/environ' % os.getppid()).read())",
        "PermissionError",
    ),
    ("reads the memory of bench", "import os\nopen('/proc/%d/mem' % os.getppid(), 'rb')", "PermissionError"),
    ("kills bench", "import os\nos.kill(os.getppid(), 0)", "PermissionError"),
    ("kills everything", "import os\nos.kill(-1, 0)", "PermissionError"),
    ("leaves the group", "import os\nos.setsid()", "PermissionError"),
    ("writes for ever", "f = open('big', 'wb')\nfor _ in range(200): f.write(b'x' * 10**6)", ""),
    ("writes many files", "for i in range(30_000): open(f'f{i}', 'w').close()\nimport time\ntime.sleep(2)", ""),
    ("digs", "import os, time\nfor _ in range(30_000):\n    os.mkdir('d')\n    os.chdir('d')\ntime.sleep(2)", ""),
    (
        "says that it is done",
        "import os\nfor fd in range(3, 256):\n    try: os.write(fd, b'done\\ndone 00000000000000000000000000000000\\n')\n    except OSError: pass\nos._exit(0)",
        "before its tests were through",
    ),
    ("closes everything", "import os\nos.closerange(0, 256)", ""),
    ("recurses", "def g(): g()\ng()", "RecursionError"),
    (
        "an error without end",
        "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E",
        "was not through within 5s",
    ),
    ("an error of a megabyte", "raise ValueError('x\\n' * 10**6)", "ValueError: x"),
    ("an error that draws", "raise ValueError('\\x1b[2J\\u202e')", "ValueError"),
    (
        "patches the driver",
        "import os, json, builtins\nos.write = os.read = os._exit = json.dumps = None\nbuiltins.exec = None\nraise ValueError(1)",
        "ValueError: 1",
    ),
    (
        "a thread that stays",
        "import threading\ndef g():\n    while True: pass\nthreading.Thread(target=g).start()\nraise ValueError('main')",
        "ValueError: main",
    ),
];

#[test]
fn harm_is_a_fail_and_does_none() {
    let mut programs =
        Programs::new(json!([{ "type": "code", "tests": "assert f() == 1", "timeout": "5s", "memory": "256MB" }]));
    let canary = programs.cx.write("canary.txt", "alive");
    let port = programs.server.base_url().rsplit(':').next().unwrap().split('/').next().unwrap().to_owned();
    for (name, code, _) in HARMFUL {
        let code = code
            .replace("CANARY", canary.to_str().unwrap())
            .replace("WORK", programs.cx.work().to_str().unwrap())
            .replace("PORT", &port);
        programs = programs.case(name, &format!("```python\n{code}\ndef f(): return 1\n```"), json!({}));
    }
    programs = programs.case("honest", "```python\ndef f(): return 1\n```", json!({}));
    let outcome = programs.run();
    for (name, _, part) in HARMFUL {
        programs.is(name, "fail", part);
        let (_, reason) = programs.told(name);
        assert!(reason.len() < 2_000 && !reason.contains(['\u{1b}', '\u{202e}', '\n']), "{name}: {reason:?}");
    }
    programs.is("honest", "pass", "");
    assert_eq!(fs::read_to_string(&canary).unwrap(), "alive");
    assert_eq!(programs.server.calls().len(), HARMFUL.len() + 1, "no code has reached the network");
    assert!(programs.server.others().is_empty());
    outcome.never_shows(KEY.as_bytes());
    let left = fs::read_dir(programs.cx.work().parent().unwrap().join("tmp")).unwrap().count();
    assert_eq!(left, 0, "temporary folders are removed");
}

#[test]
fn a_disk_is_not_filled() {
    let code =
        "import time\nfor i in range(100): open(f'f{i}', 'w').write('x' * 10**6)\ntime.sleep(30)\ndef f(): return 1";
    let programs = Programs::new(json!([{ "type": "code", "tests": "assert f() == 1", "timeout": "30s" }]));
    let programs = programs.case("a", code, json!({}));
    programs.run();
    programs.is("a", "fail", "wrote more than the 64000000 bytes allowed to files");
}

#[test]
fn permissions_outside_stay_whatever_a_program_thinks() {
    use std::os::unix::fs::PermissionsExt;
    let programs = Programs::new(json!([{ "type": "code", "tests": "assert f() == 1" }]));
    let canary = programs.cx.write("canary.txt", "alive");
    fs::set_permissions(&canary, fs::Permissions::from_mode(0o640)).unwrap();
    let code = format!("import os\nos.chmod({canary:?}, 0)\nos.utime({canary:?}, (0, 0))\ndef f(): return 1");
    let before = fs::metadata(&canary).unwrap();
    let programs = programs.case("a", &code, json!({}));
    programs.run();
    programs.is("a", "pass", "");
    let after = fs::metadata(&canary).unwrap();
    assert_eq!((after.permissions(), after.modified().unwrap()), (before.permissions(), before.modified().unwrap()));
}

#[test]
fn processes_are_few_and_end_with_the_program_where_they_are_allowed() {
    let grader = json!({ "type": "code", "language": "bash", "tests": "true", "timeout": "5s" });
    let programs = Programs::new(json!([grader]))
        .case("many", "```bash\nfor i in $(seq 1 200); do sleep 5 & done\n```", json!({}))
        .case("stays behind", "```bash\n(sleep 98.7654 &) ; (trap '' HUP TERM; sleep 98.7654) &\n```", json!({}));
    programs.run();
    programs.is("many", "fail", "was not through within 5s");
    programs.is("stays behind", "pass", "");
    let sleeps = |entry: fs::DirEntry| {
        fs::read(entry.path().join("cmdline")).is_ok_and(|line| line.starts_with(b"sleep\098.7654"))
    };
    assert!(!fs::read_dir("/proc").unwrap().flatten().any(sleeps), "what a program leaves behind is ended with it");
}

#[test]
fn what_is_opened_is_open() {
    let open = json!({ "type": "code", "tests": "assert f() == 1", "files": "open", "network": true });
    let programs = Programs::new(json!([open]));
    let target = programs.cx.work().join("written.txt");
    let port = programs.server.base_url().rsplit(':').next().unwrap().split('/').next().unwrap().to_owned();
    let code = format!(
        "import socket\nopen({target:?}, 'w').write('x')\nsocket.create_connection(('127.0.0.1', {port})).close()\n\
         def f(): return 1"
    );
    let programs = programs.case("a", &code, json!({}));
    programs.run();
    programs.is("a", "pass", "");
    assert!(target.exists());
}

#[test]
fn a_folder_of_the_suite_can_be_read_where_it_is_listed() {
    let programs = Programs::new(json!([{ "type": "code", "tests": "assert f() == 'data'", "read": ["fixtures"] }]))
        .file("fixtures/a.txt", "data");
    let path = programs.cx.work().join("fixtures/a.txt");
    let code = format!("def f(): return open({path:?}).read()");
    let writes = format!("open({path:?}, 'a')\ndef f(): return 'data'");
    let programs = programs.case("reads", &code, json!({})).case("writes", &writes, json!({}));
    programs.run();
    programs.is("reads", "pass", "");
    programs.is("writes", "fail", "PermissionError");
}
