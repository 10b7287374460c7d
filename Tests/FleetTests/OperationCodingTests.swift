import PrimitiveKit
import Site
import Testing

@testable import Fleet

struct OperationCodingTests {
  private func changes(_ models: FleetOfModels) throws -> [any Operation] {
    let host = try models.host("web001").hostAddress
    let runtime = try models.runtime()
    let image = try #require(models.site.fleet.images["v2"]).reference
    let bots = (1...60).map { "bot\($0)" }
    return [
      SwapBots(
        host: host,
        bots: bots,
        image: image,
        runtime: runtime,
        timing: .init(stop: 35, settle: 10, loginWait: 20)
      ),
      ControlBots(verb: .stop, host: host, bots: bots, runtime: runtime, stopGrace: 35, settle: 2),
      ExecuteCommand(
        host: host,
        line: String(repeating: "echo a; ", count: 900),
        input: SealedText(Array(String(repeating: "é\n", count: 9000).utf8), key: DigestKey([1])),
        timeout: 60,
        runtime: runtime
      ),
      InstallHostScript(host: host, runtime: runtime),
      PutFile(
        host: host,
        path: "a b",
        content: SealedText((0...255).map { UInt8($0) } + Array(repeating: 0, count: 50_000), key: nil),
        mode: 0o640
      ),
    ]
  }

  @Test func `an operation is a short text and comes back whole`() throws {
    let models = try FleetOfModels()
    let coding = OperationCoding(kinds: Fleet.operationKinds)
    for change in try changes(models) {
      let stored = try coding.store(change)
      #expect(stored.text.utf8.count < 1024, "\(stored.kind) has \(stored.text.utf8.count) bytes")
      let again = try coding.operation(stored)
      #expect(again.summary == change.summary && again.target == change.target)
      #expect(try coding.store(again) == stored)
    }
    // Neither a file's content nor a command's input is among the texts of the journal.
    #expect(coding.texts.takeUnsaved().count == 2)
  }

  @Test func `contents come back as they were`() throws {
    let models = try FleetOfModels()
    let coding = OperationCoding(kinds: Fleet.operationKinds)
    let changes = try changes(models)
    let put = try #require(changes.last as? PutFile)
    #expect((try coding.operation(try coding.store(put)) as? PutFile)?.content == put.content)
    let swap = try #require(changes.first as? SwapBots)
    #expect((try coding.operation(try coding.store(swap)) as? SwapBots)?.runtime == swap.runtime)
    #expect(try JSONCopy.of(swap).runtime == swap.runtime)
    let exec = try #require(changes[2] as? ExecuteCommand)
    #expect(try JSONCopy.of(exec).input == exec.input)
  }

  @Test func `a text that the journal lost is said`() throws {
    let models = try FleetOfModels()
    let stored = try OperationCoding(kinds: Fleet.operationKinds).store(try changes(models)[0])
    let other = OperationCoding(kinds: Fleet.operationKinds)
    let failure = #expect(throws: CallFailure.self) { try other.operation(stored) }
    #expect(failure?.code == "journal.coding")
    #expect(failure?.message.contains("the journal has no text") == true)
  }

  @Test func `what nobody predicts does not count against a prediction`() {
    let predicted = SwapOutcome(host: "a", bots: [BotSwap(bot: "b", result: .swapped, before: "x", detail: "")])
    var actual = predicted
    actual.bots[0].seconds = 3
    actual.bots[0].log = "words"
    #expect(SwapBots.agree(predicted, actual))
    actual.bots[0].before = "y"
    #expect(!SwapBots.agree(predicted, actual))
    actual.bots[0].before = "x"
    actual.bots[0].result = .rolledBack
    #expect(!SwapBots.agree(predicted, actual))
  }
}
