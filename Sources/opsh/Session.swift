import Console
import Glibc
import LineEditor
import LuaRuntime
import PrimitiveKit
import Reference

/// A site, an engine and a surface put together, and run.
struct Session: Sendable {
  let invocation: Invocation
  let stage: Stage
  let environment: [String: String]

  /// Answers the exit status.
  ///
  /// Throws what keeps the session from starting: the site, a script that cannot be read, the terminal.
  func run() async throws(CallFailure) -> Int32 {
    let chunks = try chunks()
    let control = SessionControl()
    let own = SessionPrimitives(control: control)
    let interruptions = Interruptions()
    let setting = SessionSetting(
      sitePath: try SiteLookup(environment: environment).path(option: invocation.site),
      options: invocation.session,
      dialogue: stage.dialogue,
      interruptions: interruptions,
      environment: environment
    )
    let composition = try await Composition.make(setting)
    let catalog = try Catalog(composition.primitives + own.all)
    guard invocation.action != .catalog else {
      stage.write(CatalogDocument.json(catalog.infos, version: Opsh.version) + "\n")
      return 0
    }

    let surface = stage.surface(printer: ValuePrinter(catalog.infos), at: chunks == nil)
    own.connect(catalog.infos, show: surface.printed)
    let engine = try LuaEngine(
      catalog: catalog,
      configuration: LuaConfiguration(moduleRoots: composition.moduleRoots, print: surface.printed)
    )
    control.onLeave { engine.cancel() }
    stage.onReaderGone { engine.cancel() }
    let watch = InterruptWatch(interruptions)
    let monitor = try interrupts(watch)
    defer { monitor.remove() }
    let evaluator = Evaluator(
      engine: engine,
      surface: surface,
      watch: watch,
      context: CallContext(isDryRun: invocation.session.isDryRun),
      leave: { _exit(ExitCode.cancelled.rawValue) }
    )
    if let chunks {
      return await Batch(evaluator: evaluator, surface: surface, notes: stage.notes, control: control).run(chunks)
    }
    let completer = Completer(catalog.infos, candidates: composition.candidates, names: NameSnapshot(engine).names)
    return try await prompt(composition, engine, completer, evaluator, surface, control)
  }

  /// What to run; nil for a prompt.
  private func chunks() throws(CallFailure) -> [Chunk]? {
    let globals: [String: Value] = ["args": .table(invocation.arguments.mapValues { .string($0) })]
    switch invocation.action {
    case .code(let pieces):
      return pieces.map { Chunk(source: $0, name: "=-e", kind: .typed, globals: globals) }
    case .file(let path):
      return [Chunk(source: try ScriptFile.read(path), name: "@\(path)", kind: .script, globals: globals)]
    case .standardInput: return [try standardInput(globals)]
    case .prompt:
      if stage.desk != nil { return nil }
      guard isatty(STDIN_FILENO) == 0 else {
        throw CallFailure(
          code: "prompt.not_interactive",
          message: "the prompt needs a terminal for its output too",
          hint: "give a script, -e CODE, or - to read one from standard input"
        )
      }
      return [try standardInput(globals)]
    case .catalog, .version, .help: return []
    }
  }

  private func standardInput(_ globals: [String: Value]) throws(CallFailure) -> Chunk {
    Chunk(source: try ScriptFile.readStandardInput(), name: "=stdin", kind: .script, globals: globals)
  }

  private func interrupts(_ watch: InterruptWatch) throws(CallFailure) -> InterruptMonitor {
    do throws(LineEditorError) {
      return try InterruptMonitor { _ in watch.press() }
    } catch {
      throw CallFailure(error)
    }
  }

  private func prompt(
    _ composition: Composition,
    _ engine: LuaEngine,
    _ completer: Completer,
    _ evaluator: Evaluator,
    _ surface: any Surface,
    _ control: SessionControl
  ) async throws(CallFailure) -> Int32 {
    guard let desk = stage.desk else { return 0 }
    let options = LineEditorOptions(
      historyFile: StandardLineEditor.historyPath(environment: environment),
      isComplete: { engine.completeness(of: $0) != .incomplete },
      complete: { text, cursor in
        let answer = completer.complete(text.utf8.prefix(cursor))
        return .init(
          replacementStart: answer.start,
          candidates: answer.candidates.map { .init($0.text, summary: $0.summary) }
        )
      }
    )
    do throws(LineEditorError) {
      _ = try await desk.open(options)
    } catch {
      throw CallFailure(error)
    }
    let face = PromptFace(
      version: Opsh.version,
      site: composition.siteName,
      summary: composition.siteSummary,
      isDryRun: invocation.session.isDryRun
    )
    let loop = PromptLoop(desk: desk, evaluator: evaluator, surface: surface, control: control, face: face)
    let status = await loop.run()
    await desk.close()
    return status
  }
}
