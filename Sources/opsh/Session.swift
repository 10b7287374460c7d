import Console
import EventLoop
import Fleet
import Foundations
import Glibc
import JournalPrimitives
import LineEditor
import LuaRuntime
import PrimitiveKit
import Reference
import RunbookHeader
import Runbooks
import Runs

/// A site, an engine and a surface put together, and run.
struct Session: Sendable {
  let invocation: Invocation
  let stage: Stage
  let environment: [String: String]
  var domains = Opsh.domains

  /// Answers the exit status.
  ///
  /// Throws what keeps the session from starting: the site, a script that cannot be read, the terminal.
  func run() async throws(CallFailure) -> Int32 {
    try requireFiles()
    // Before any connection takes a descriptor.
    _ = EventLoopGroup.shared
    let work = try work()
    let control = SessionControl()
    let interruptions = Interruptions()
    let setting = SessionSetting(
      sitePath: invocation.need == .none
        ? nil : try SiteLookup(environment: environment).path(option: invocation.site),
      options: invocation.session,
      dialogue: stage.dialogue,
      interruptions: interruptions,
      environment: environment,
      record: invocation.runbook.record,
      recordsValues: invocation.runbook.recordsValues,
      replay: invocation.runbook.replay,
      approval: invocation.runbook.approval,
      toleratesSite: invocation.need == .lastReading,
      hasPrompt: work == nil
    )
    let live = LiveSession(setting, domains, stage, control, isPrompt: work == nil)
    let parts = try await live.start()
    let (catalog, composition) = (parts.catalog, parts.composition)
    if case .catalog = invocation.action {
      stage.write(CatalogDocument.json(catalog.infos, version: Opsh.version) + "\n")
      return 0
    }

    let (surface, engine, runbooks) = (parts.surface, parts.engine, parts.runbooks)
    if work != nil {
      for line in WaitingStops.lines(composition.runbooks.journal.waiting) { stage.dialogue.say(line) }
    }
    control.onLeave { engine.cancel() }
    let watch = InterruptWatch(interruptions)
    // As one Ctrl-C: a run ends what is in flight and can be resumed, a question is not answered, a script stops.
    stage.onReaderGone { watch.desert() }
    defer { stage.ignoreReader() }
    let monitor = try interrupts(watch, isBatch: work != nil)
    defer { monitor.remove() }
    var context = CallContext(isDryRun: invocation.session.isDryRun)
    context.noted = stage.notes
    let evaluator = Evaluator(
      engine: engine,
      surface: surface,
      watch: watch,
      context: context,
      gently: live.press,
      leave: { _exit(ExitCode.cancelled.rawValue) }
    )
    if let work {
      let batch = Batch(
        evaluator: evaluator,
        surface: surface,
        notes: stage.notes,
        control: control,
        isOutputLost: { stage.isOutputLost }
      )
      let workshop = BatchWork(
        batch: batch,
        runbooks: runbooks,
        invocation: invocation,
        stage: stage,
        composition: composition,
        engine: engine,
        catalog: catalog
      )
      let status = await workshop.run(work)
      await live.finish()
      return status
    }
    return try await prompt(live, parts, evaluator, control)
  }

  /// Free descriptors that a session works with: the reserve, and a few connections or children.
  private static let leastFiles = 44

  private func requireFiles() throws(CallFailure) {
    // Stopping bots is tried with whatever there is.
    if invocation.need == .lastReading { return }
    let (limit, open) = (OpenFiles.limit, OpenFiles.open)
    guard limit - open < Session.leastFiles else { return }
    throw CallFailure(
      .refused,
      .local,
      code: "opsh.open_files",
      message: "too few file descriptors: the limit is \(limit), \(open) are in use, and opsh needs "
        + "\(Session.leastFiles) more",
      hint: "raise the limit in the shell that starts opsh, for example `ulimit -n 4096`"
    )
  }

  /// What to run; nil for a prompt.
  private func work() throws(CallFailure) -> [WorkItem]? {
    let globals: [String: Value] = ["args": .table(invocation.arguments.mapValues { .string($0) })]
    switch invocation.action {
    case .code(let pieces):
      return pieces.map { .chunk(Chunk(source: $0, name: "=-e", kind: .typed, globals: globals)) }
    case .files(let paths):
      var items: [WorkItem] = []
      for path in paths {
        let source: String
        do throws(CallFailure) {
          source = try ScriptFile.read(path)
        } catch {
          // A dry run of many tells of all of them; a live one begins with nothing.
          guard invocation.session.isDryRun else { throw error }
          items.append(.unreadable(path: path, error))
          continue
        }
        let isRunbook = RunbookFile.isRunbook(source)
        let chunk = Chunk(
          source: RunbookFile.executable(source),
          name: "@\(path)",
          kind: .script,
          globals: globals
        )
        items.append(isRunbook ? .runbook(source: source, path: path) : .chunk(chunk))
      }
      try invocation.requireRunbook(items)
      return items
    case .command(let command): return [.command(command)]
    case .standardInput: return [.chunk(try standardInput(globals))]
    case .prompt:
      if stage.terminal != nil { return nil }
      guard isatty(STDIN_FILENO) == 0 else {
        throw CallFailure(
          .refused,
          code: "prompt.not_interactive",
          message: "the prompt needs a terminal for its output too",
          hint: "give a script, -e CODE, or - to read one from standard input"
        )
      }
      return [.chunk(try standardInput(globals))]
    case .catalog, .version, .help: return []
    }
  }

  private func standardInput(_ globals: [String: Value]) throws(CallFailure) -> Chunk {
    Chunk(
      source: RunbookFile.executable(try ScriptFile.readStandardInput()),
      name: "=stdin",
      // As with -e, an expression shows its value: what is asked for is never dropped without a word.
      kind: .typed,
      globals: globals
    )
  }

  private func interrupts(_ watch: InterruptWatch, isBatch: Bool) throws(CallFailure) -> InterruptMonitor {
    do throws(LineEditorError) {
      // A job that is cancelled, or a connection that is lost, lets what is in flight end, as Ctrl-C does.
      return try InterruptMonitor(countsEndings: isBatch) { _ in watch.press() }
    } catch {
      throw CallFailure(error)
    }
  }

  private func prompt(
    _ live: LiveSession,
    _ parts: SessionParts,
    _ evaluator: Evaluator,
    _ control: SessionControl
  ) async throws(CallFailure) -> Int32 {
    guard let terminal = stage.terminal else { return 0 }
    let options = LineEditorOptions(
      historyFile: StandardLineEditor.historyPath(environment: environment),
      isComplete: { [engine = parts.engine] in engine.completeness(of: $0) != .incomplete },
      complete: { text, cursor in
        guard let answer = live.completer?.complete(text.utf8.prefix(cursor)) else {
          return .init(replacementStart: cursor, candidates: [])
        }
        return .init(
          replacementStart: answer.start,
          candidates: answer.candidates.map { .init($0.text, summary: $0.summary) }
        )
      }
    )
    do throws(LineEditorError) {
      _ = try await terminal.open(options)
    } catch {
      throw CallFailure(error)
    }
    let composition = parts.composition
    composition.domains.warm(in: composition.surroundings)
    let unfinished = composition.siteName == nil ? [] : await RunHistory(parts.runbooks.runs).unfinished()
    let face = PromptFace(
      version: Opsh.version,
      site: composition.siteName,
      summary: composition.siteSummary,
      isDryRun: invocation.session.isDryRun,
      unfinished: unfinished,
      // After the journal was opened, which takes what it can.
      notices: WaitingStops.lines(composition.runbooks.journal.waiting)
        + (await composition.domains.banner(in: composition.surroundings))
    )
    let loop = PromptLoop(
      terminal: terminal,
      evaluator: evaluator,
      surface: parts.surface,
      control: control,
      face: face
    )
    let status = await loop.run()
    await live.finish()
    await terminal.close()
    return status
  }
}
