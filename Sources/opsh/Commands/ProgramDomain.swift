import PrimitiveKit
import Reference

extension Domain {
  /// The commands that are about files and the program itself, and belong to no domain.
  static var program: Domain {
    var domain = Domain("program")
    domain.commands =
      [.lint, .spec, .drill, .approve, .sign] + Subcommand.forPlugins + Subcommand.aboutAudit + Subcommand.aboutJournal
      + Subcommand.forAuthors
      + [.completion]
    return domain
  }
}

extension Subcommand {
  /// `opsh completion bash`.
  fileprivate static var completion: Subcommand {
    Subcommand(
      "completion",
      "prints the shell completion for commands and options",
      CommandArgument<String>.word("SHELL", "the shell: bash", completion: .choices(["bash"])),
      exits: [CommandExit(.ok, "ok")],
      examples: [Example("opsh completion bash > opsh.bash", "load it with: source opsh.bash")],
      site: .none
    ) { call, _ async throws(CallFailure) in
      let script = BashCompletion.script(
        Opsh.domains.flatMap(\.commands).map(\.info),
        common: Options.common,
        running: Options.running + Options.acting
      )
      call.write(script + "\n")
      return []
    }
  }
}

extension Surroundings {
  private enum WorkKey: SurroundingsKey {
    static var fallback: BatchWork? { nil }
  }

  /// The work that a command of the program is part of; nil at a prompt.
  var work: BatchWork? {
    get { self[WorkKey.self] }
    set { self[WorkKey.self] = newValue }
  }
}

extension SubcommandCall {
  /// The work that the command is part of; throws `internal.unbound` outside of any.
  var work: BatchWork {
    get throws(CallFailure) {
      if let work = surroundings.work { return work }
      throw CallFailure(.defect, code: "internal.unbound", message: "the command is not run by the program")
    }
  }
}
