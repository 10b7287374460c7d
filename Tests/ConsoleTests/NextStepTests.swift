import Console
import PrimitiveKit
import Reference
import Testing

/// Advice in the form that works where it is read.
struct NextStepTests {
  private static func primitive(_ name: String, needs parameter: String? = nil) -> PrimitiveInfo {
    let needed = parameter.map {
      [ParameterInfo(name: $0, type: "string", help: "", isRequired: true, defaultValue: nil, completion: .none)]
    }
    return PrimitiveInfo(name: name, summary: "", parameters: needed ?? [])
  }

  private static let infos = [
    primitive("runs"), primitive("run", needs: "id"), primitive("locks"), primitive("resolve", needs: "run"),
    primitive("resume", needs: "id"), primitive("fleet.query", needs: "on"), primitive("help"),
  ]

  @Test(arguments: [
    (
      "resume(\"20261129-1\") continues it; rollback(\"20261129-1\") undoes it",
      "`opsh resume 20261129-1` continues it; `opsh rollback 20261129-1` undoes it"
    ),
    ("see the list with runs()", "see the list with `opsh runs`"),
    ("see who holds what with `locks()`", "see who holds what with `opsh -e 'locks()'`"),
    ("run(\"20261129-1\") shows its outcome", "`opsh -e 'run(\"20261129-1\")'` shows its outcome"),
    ("check with `fleet.query(\"*\", \"true\")`", "check with `opsh -e 'fleet.query(\"*\", \"true\")'`"),
    (
      "record it: resolve(\"r\", \"web1\", \"done\", \"why\")",
      "record it: `opsh -e 'resolve(\"r\", \"web1\", \"done\", \"why\")'`"
    ),
    // What is only named is not called, and what nobody knows may be anything.
    ("record what no host can tell with resolve()", "record what no host can tell with resolve()"),
    ("usage: fleet.query(on, cmd)", "usage: fleet.query(on, cmd)"), ("write unwrap(x, 1)", "write unwrap(x, 1)"),
    ("`opsh audit verify` checks it", "`opsh audit verify` checks it"),
    ("`fleet.query{ on = \"*\" }` shows it", "`opsh -e 'fleet.query{ on = \"*\" }'` shows it"),
  ])
  func `a shell reads commands`(text: String, shown: String) {
    #expect(NextSteps(Self.infos, isPrompt: false).adapted(text) == shown)
  }

  @Test(arguments: [
    ("`opsh resume 20261129-1` continues it", "`resume(\"20261129-1\")` continues it"),
    ("continue it with: opsh rollback 20261129-1", "continue it with: `rollback(\"20261129-1\")`"),
    ("`opsh fork 2026 --from \"a b\"` starts a new run", "`fork(\"2026\", \"a b\")` starts a new run"),
    ("lift it first: `opsh lift bot2 --reason …`", "lift it first: `fleet.lift(\"bot2\", \"…\")`"),
    ("`opsh runs` shows them", "`runs()` shows them"), ("`opsh audit verify` found it", "`audit.verify()` found it"),
    ("`opsh drill runbooks/x.lua` or `runbook.drill`", "`runbook.drill(\"runbooks/x.lua\")` or `runbook.drill`"),
    (
      "usage: opsh /usr/share/opsh/runbooks/deploy.lua target=HOSTS [wait=DURATION]",
      "usage: runbook.run<name=\"deploy\", arguments={ target=HOSTS, [wait=DURATION] }>"
    ),
    (
      "usage: opsh ./plugins/desk/runbooks/open.lua [on=HOSTS]",
      "usage: runbook.run<name=\"desk/open\", arguments={ [on=HOSTS] }>"
    ),
    // What has no primitive is typed in a shell.
    ("`opsh journal restore BACKUP`", "`opsh journal restore BACKUP`"),
    ("see the list with runs()", "see the list with runs()"),
  ])
  func `a prompt reads calls`(text: String, shown: String) {
    #expect(NextSteps(Self.infos, isPrompt: true).adapted(text) == shown)
  }

  @Test(arguments: [
    ("opsh resume 20261129-1", "type `resume(\"20261129-1\")` here"), (" opsh  runs\n", "type `runs()` here"),
    ("opsh journal backup x", "type it in a shell; `help()` lists what can be called here"), ("opsh", nil),
    ("x =", nil),
  ])
  func `a command of the shell that is typed at a prompt is answered with its call`(text: String, hint: String?) {
    #expect(NextSteps.hint(insteadOf: text) == hint)
  }

  @Test func `what is said at a prompt names calls, and what is said elsewhere commands`() {
    let text = "run 20261129-1: halted; `opsh resume 20261129-1` continues it"
    for (isPrompt, shown) in [(true, "`resume(\"20261129-1\")`"), (false, "`opsh resume 20261129-1`")] {
      let output = Recorder()
      TerminalDialogue(
        output: output,
        isQuiet: false,
        notes: NotedExit(),
        isPrompt: isPrompt,
        width: { 80 },
        question: nil
      ).say(text)
      #expect(output.text.contains(shown), "\(output.text)")
    }
  }
}
