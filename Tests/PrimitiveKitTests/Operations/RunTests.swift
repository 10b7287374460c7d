import Foundation
import OpshTesting
import PrimitiveKit
import Testing

struct RunTests {
  let place: Place
  let record: MemoryRecord

  private var world: World {
    World(mode: .live, clock: ManualClock(), now: { Date(timeIntervalSince1970: 0) }, drawSeed: { 1 }, transport: place)
  }

  /// A process of the run.
  private func run(_ holding: any RunHolding = HoldsEverything(epoch: 7)) -> Run {
    Run(id: "r1", world: world, holding: holding, record: record, replay: record.replay)
  }

  private func inStep<Answer: Sendable>(_ step: String, _ body: () async throws(CallFailure) -> Answer) async
    -> Result<Answer, CallFailure>
  {
    var context = CallContext.current
    context.step = step
    return await CallContext.$current.withValue(context) {
      do throws(CallFailure) { return .success(try await body()) } catch { return .failure(error) }
    }
  }

  private func perform(_ change: some PrimitiveKit.Operation, in run: Run, step: String = "") async
    -> Result<String, CallFailure>
  {
    await inStep(step) { () throws(CallFailure) in try await run.perform(change).map { "\($0.value.literal)" } ?? "nil"
    }
  }

  private func code(_ result: Result<String, CallFailure>) -> String? {
    if case .failure(let failure) = result { failure.code } else { nil }
  }

  @Test func `intent is written before the change and the outcome after`() async throws {
    #expect(try await perform(Word(), in: run()).get() == "\"wrote a\"")
    #expect(record.writes.map { $0.prefix(6) } == ["intend", "settle"])
    #expect(record.intents.first?.epoch == 7)
    #expect(place.epochs == [7])
    guard case .done(let outcome, let inverse, let isAdopted)? = record.ends.values.first else {
      Issue.record("\(record.ends)")
      return
    }
    #expect(outcome == "\"wrote a\"")
    #expect(inverse?.summary == "write -a")
    #expect(!isAdopted)
  }

  @Test func `a change whose scopes are not held is refused before anything is written down`() async throws {
    let run = run(HoldsNothing())
    #expect(code(await perform(Word(), in: run)) == "lock.outside")
    #expect(place.written.isEmpty)
    #expect(record.writes.isEmpty)
    // A script that catches it does not go on beside it.
    #expect(await run.refused?.code == "lock.outside")
    #expect(await run.stopped?.code == "lock.outside")
  }

  @Test(arguments: [(0, false), (1, true)])
  func `what a change came to is unknown when only its end could not be written down`(writes: Int, isSent: Bool) async {
    let run = run()
    record.fail(after: writes)
    guard case .failure(let failure) = await perform(Word(), in: run) else {
      Issue.record("it was written down")
      return
    }
    #expect(failure.failureClass == .journal && failure.leavesUnknown == isSent)
    #expect(await run.hasSent == isSent)
    #expect(place.written.isEmpty != isSent)
  }

  /// Holds `host/web1` since its first grant, and other things since a later one.
  private struct Grown: RunHolding {
    var epoch: Int? { 9 }
    var age: Duration? { .seconds(5) }
    func epoch(for scopes: [LockScope]) -> Int? { 7 }
    func hold(_ scopes: [LockScope], for summary: String) async throws(CallFailure) -> Int? { 7 }
  }

  // With the newest one, who was replaced on the host would pass for whoever replaced it.
  @Test func `a look at a change in doubt comes with the epoch of its own scopes`() async throws {
    place.next(.loseAfter)
    _ = await perform(Word(), in: run(Grown()))
    #expect(try await perform(Word(), in: run(Grown())).get() == "\"found a\"")
    _ = try await run(Grown()).find(Word(), key: "s/test.word@web1#1")
    #expect(place.looks == [7, 7])
    _ = await perform(Halt(), in: run(Grown()))
    #expect(place.epochs == [7, 7], "a stop compares with the grant that the run began under")
  }

  @Test func `what only stops something needs no lock`() async throws {
    #expect(try await perform(Halt(), in: run(HoldsNothing())).get() == "\"wrote halt\"")
    #expect(place.epochs == [nil])
  }

  @Test func `what only stops something tells the epoch of a run that has one`() async throws {
    let run = run()
    await run.stopStarting(CallFailure(.journal, code: "lock.outside", message: "not held"))
    #expect(try await perform(Halt(), in: run).get() == "\"wrote halt\"", "a run that begins nothing more still stops")
    #expect(place.epochs == [7])
  }

  @Test func `nothing is sent when the intent cannot be written`() async throws {
    let run = run()
    record.fail(after: 0)
    #expect(code(await perform(Word(), in: run)) == "journal.unavailable")
    #expect(place.written.isEmpty)
    record.fail(after: nil)
    // The same operation gets the same name once it can be written.
    _ = await perform(Word(), in: run)
    #expect(Set(record.intents.map(\.key)).count == 1)
    #expect(await run.refused?.code == "journal.unavailable")
  }

  @Test func `what is done is answered from the record`() async throws {
    _ = await perform(Word(), in: run(), step: "s")
    #expect(try await perform(Word(), in: run(), step: "s").get() == "\"wrote a\"")
    #expect(place.written == ["a"])
  }

  @Test func `an error is answered from the record`() async throws {
    place.next(.fail)
    _ = await perform(Word(), in: run())
    #expect(code(await perform(Word(), in: run())) == "test.failed")
    #expect(place.written.isEmpty)
  }

  @Test func `what this machine could not send did not happen, and is sent by whoever tries again`() async throws {
    place.next(.notSent)
    let first = run()
    #expect(code(await perform(Word(), in: first)) == "local.fault")
    #expect(record.ends.values.first.map { if case .notDone = $0 { true } else { false } } == true)
    let next = run()
    #expect(await next.knows(try next.encoded(Word())) == false)
    #expect(try await perform(Word(), in: next).get() == "\"wrote a\"")
    #expect(place.written == ["a"])
  }

  @Test func `a look that this machine could not send says nothing of the change before it`() {
    let fault = CallFailure(.refused, .local, code: "local.fault", message: "no descriptor is left")
    #expect(fault.isLocal)
    #expect(fault.afterChange.leavesUnknown && !fault.afterChange.isLocal && fault.afterChange.mark == nil)
  }

  @Test func `the same change twice in a step is two changes`() async throws {
    let first = run()
    for _ in 0..<2 { _ = await perform(Word(), in: first, step: "s") }
    let second = run()
    for _ in 0..<3 { _ = await perform(Word(), in: second, step: "s") }
    #expect(place.written == ["a", "a", "a"])
    #expect(record.intents.map(\.key.suffixAfterHash) == ["", "~2", "~3"])
  }

  @Test func `an outcome that could not be written is looked up`() async throws {
    record.fail(after: 1)
    #expect(code(await perform(Word(), in: run())) == "journal.unavailable")
    record.fail(after: nil)
    #expect(try await perform(Word(), in: run()).get() == "\"found a\"")
    #expect(place.written == ["a"])
    guard case .done(_, _, let isAdopted)? = record.ends.values.first else {
      Issue.record("not done")
      return
    }
    #expect(isAdopted)
  }

  @Test func `a change that did not happen is sent under its old name`() async throws {
    place.next(.loseBefore)
    #expect(code(await perform(Word(), in: run())) == "host.lost")
    #expect(try await perform(Word(), in: run()).get() == "\"wrote a\"")
    #expect(record.intents.count == 1)
    #expect(place.tokens.count == 1)
  }

  @Test func `nobody knows: neither sent again nor answered, until somebody says`() async throws {
    place.next(.loseAfter)
    place.beDumb(true)
    _ = await perform(Word(), in: run())
    for _ in 0..<2 { #expect(code(await perform(Word(), in: run())) == "run.unknown_outcome") }
    #expect(place.written == ["a"])
    let key = try #require(record.intents.first?.key)
    record.resolve(key, .notDone)
    #expect(try await perform(Word(), in: run()).get() == "\"wrote a\"")
    #expect(place.written == ["a", "a"])
  }

  @Test func `what somebody said happened is adopted as it is found, else as predicted`() async throws {
    place.next(.loseAfter)
    _ = await perform(Word(), in: run())
    record.resolve(try #require(record.intents.first?.key), .happened)
    #expect(try await perform(Word(), in: run()).get() == "\"found a\"")
    place.beDumb(true)
    place.next(.loseAfter)
    _ = await perform(Word(word: "b"), in: run())
    record.resolve(try #require(record.intents.last?.key), .happened)
    #expect(try await perform(Word(word: "b"), in: run()).get() == "\"wrote b\"")
    #expect(place.written == ["a", "b"])
  }

  @Test func `what can be attached to is sent again under its ticket`() async throws {
    place.next(.loseAfter)
    place.beDumb(true)
    _ = await perform(AttachedWord(), in: run())
    #expect(try await perform(AttachedWord(), in: run()).get() == "\"attached a\"")
    #expect(place.written == ["a"])
  }

  @Test func `a change that is found to have failed is failed, and in doubt no longer`() async throws {
    place.next(.loseBefore)
    _ = await perform(Word(), in: run())
    let failure = CallFailure(.failed, code: "test.failed", message: "no")
    place.keep(failure)
    #expect(code(await perform(Word(), in: run())) == "test.failed")
    #expect(record.ends.values.map { $0 } == [.failed(failure)])
    #expect(place.written.isEmpty)
  }

  @Test func `what nothing asks for again can be looked for all the same`() async throws {
    let key = "s/test.word@web1#1"
    let next = run()
    #expect(try await next.find(Word(), key: key) == .notDone)
    place.beDumb(true)
    #expect(try await next.find(Word(), key: key) == nil)
    place.keep(CallFailure(.failed, code: "test.failed", message: "no"))
    #expect(try await next.find(Word(), key: key) == .failed(CallFailure(.failed, code: "test.failed", message: "no")))
    #expect(record.writes.isEmpty)
  }

  @Test func `a later attempt takes up what an earlier one left in doubt, in every process`() async throws {
    place.next(.loseAfter)
    let first = run()
    _ = await perform(Word(), in: first, step: "s")
    #expect(try await perform(Word(), in: first, step: "s~2").get() == "\"found a\"")
    // The next process makes the second attempt again.
    #expect(try await perform(Word(), in: run(), step: "s~2").get() == "\"found a\"")
    #expect(place.written == ["a"])
    // A third attempt is made anew: nothing is in doubt any more.
    #expect(try await perform(Word(), in: run(), step: "s~3").get() == "\"wrote a\"")
    #expect(place.written == ["a", "a"])
  }

  @Test func `an attempt in another process takes up what is in doubt, deep inside`() async throws {
    place.next(.loseAfter)
    _ = await perform(Word(), in: run(), step: "s/in")
    #expect(try await perform(Word(), in: run(), step: "s~2/in~4").get() == "\"found a\"")
    #expect(place.written == ["a"])
  }

  @Test func `a run that is stopped starts nothing and ends what is in doubt`() async throws {
    place.next(.loseAfter)
    _ = await perform(Word(), in: run())
    let next = run()
    await next.stopStarting(CallFailure(.cancelled, code: "run.interrupted", message: "stop"))
    await next.stopStarting(CallFailure(.failed, code: "other", message: "later"))
    #expect(try await perform(Word(), in: next).get() == "\"found a\"")
    #expect(code(await perform(Word(word: "b"), in: next)) == "run.interrupted")
    #expect(await next.refused?.code == "run.interrupted")
    #expect(place.written == ["a"])
  }

  @Test func `answers are kept and the same again`() async throws {
    let first = try await run().recorded("time") { () throws(CallFailure) in 5 }
    let second = try await run().recorded("time") { () throws(CallFailure) in 6 }
    #expect(first == 5 && second == 5)
    let elsewhere = await inStep("s") { () throws(CallFailure) in
      try await run().recorded("time") { () throws(CallFailure) in 7 }
    }
    #expect(try elsewhere.get() == 7)
  }

  @Test func `a dry run predicts and writes nothing down`() async throws {
    let run = Run(id: "r1", world: world.dry, record: record)
    #expect(try await perform(Word(), in: run).get() == "\"wrote a\"")
    #expect(try await perform(Word(word: "guess"), in: run).get() == "nil")
    #expect(try await perform(Word(word: "stays"), in: run).get() == "\"wrote stays\"")
    let operations = await run.operations
    #expect(operations.map(\.isReversible) == [true, false, false])
    #expect(operations[1].state == .unpredictable("nobody knows"))
    // What an operation does not tell, the next one on its target does not know.
    let again = Run(id: "r2", world: world.dry, record: record)
    #expect(try await perform(Word(), in: again).get() == "\"wrote a\"")
    #expect(try await perform(Blind(), in: again).get() == "\"done\"")
    #expect(try await perform(Blind(), in: again).get() == "nil")
    let last = await again.operations.last
    #expect(last?.state == .unpredictable("it depends on the result of test.blind before it"))
    #expect(record.writes.isEmpty)
    #expect(place.written.isEmpty)
  }

  @Test(arguments: MemoryRecord.Loss.allCases)
  func `killed at any write, ten changes happen once each`(_ loss: MemoryRecord.Loss) async throws {
    for point in 0..<20 {
      let (place, record) = (Place(), MemoryRecord())
      let test = RunTests(place: place, record: record)
      record.fail(after: point, losing: loss)
      let first = test.run()
      for word in 0..<10 {
        if test.code(await test.perform(Word(word: "w\(word)"), in: first, step: "s")) != nil { break }
      }
      record.fail(after: nil)
      let second = test.run()
      for word in 0..<10 {
        #expect(test.code(await test.perform(Word(word: "w\(word)"), in: second, step: "s")) == nil)
      }
      #expect(place.written == (0..<10).map { "w\($0)" }, "at write \(point)")
    }
  }

  init(place: Place, record: MemoryRecord) { (self.place, self.record) = (place, record) }
  init() { self.init(place: Place(), record: MemoryRecord()) }
}

extension String {
  fileprivate var suffixAfterHash: String {
    guard let hash = lastIndex(of: "#"), let tilde = self[hash...].firstIndex(of: "~") else { return "" }
    return String(self[tilde...])
  }
}
