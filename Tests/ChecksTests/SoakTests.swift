import Foundation
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Checks

/// A soak passes when every sample passes, and continues after a crash with the next one.
final class SoakTests: Sendable {
  private let clock = ManualClock()
  private let asked = Lines()
  /// What is measured, one number after the other; the last one stays.
  private let numbers = Mutex<[Double?]>([1])

  private var seconds: Double { clock.now.offset / .seconds(1) }

  private func stand(mode: World.Mode = .live) -> Stand {
    Stand([.fill("a.fill", [])], clock: clock, mode: mode, now: { [self] in Date(timeIntervalSince1970: seconds) })
  }

  private func soak(
    every: Duration = .seconds(600),
    times: Int = 4,
    smoke: Duration = .zero,
    warn: Bool = false,
    in run: Run? = nil
  ) async -> CallFailure? {
    let check = JudgedCheck(.fill("a.fill", []))
    let soak = Soak(
      surroundings: stand().surroundings,
      look: { [self] () throws(CallFailure) in
        asked.add("\(Int(seconds))")
        let number = numbers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        return [check.finding(Measured(number), asked: seconds, now: seconds)]
      },
      every: every,
      times: times,
      smoke: smoke,
      grace: .seconds(30),
      warn: warn
    )
    var context = CallContext.current
    context.run = run
    let given = context
    return await lettingTimePass(clock) {
      await CallContext.$current.withValue(given) {
        let result = await CallFailure.result { () async throws(CallFailure) in try await soak.run() }
        if case .failure(let failure) = result { return failure }
        return nil
      }
    }
  }

  @Test func `samples are taken as far apart as they should be`() async {
    #expect(await soak() == nil)
    #expect(asked.all == ["0", "600", "1200", "1800"])
  }

  @Test func `the smoke test waits for the start to be over and looks every 30 s`() async {
    #expect(await soak(every: .seconds(60), times: 2, smoke: .seconds(120)) == nil)
    #expect(asked.all == ["30", "60", "90", "120", "120", "180"])
  }

  @Test func `the first sample that does not pass ends it, WARN and UNKNOWN included`() async {
    for (number, warn, message) in [
      (60.0, false, "sample 2 of 4 did not pass: WARN a.fill: 60"), (60, true, nil),
      (90, true, "sample 2 of 4 did not pass: BAD a.fill"), (nil, true, "sample 2 of 4 did not pass: UNKNOWN a.fill"),
    ] as [(Double?, Bool, String?)] {
      numbers.withLock { $0 = [1, number, 1] }
      let failure = await self.soak(warn: warn)
      if let message { #expect(failure?.message.hasPrefix(message) == true, "\(failure as Any)") }
      #expect((failure == nil) == (message == nil))
    }
  }

  @Test func `a resumed run continues with the next sample and waits only for what is left`() async {
    let record = MemoryRecord()
    let world = stand().surroundings.world
    numbers.withLock { $0 = [1, 1, 90, 1] }
    let first = Run(id: "r1", world: world, record: record)
    #expect(await soak(in: first)?.message.hasPrefix("sample 3 of 4 did not pass") == true)
    #expect(asked.all == ["0", "600", "1200"])
    clock.advance(by: .seconds(300))
    let second = Run(id: "r1", world: world, record: record, replay: record.replay)
    #expect(await soak(in: second) == nil)
    #expect(asked.all == ["0", "600", "1200", "1500", "2100"])
  }

  @Test func `a dry run takes no sample and says how long it takes`() async {
    let run = Run(id: "r1", world: stand(mode: .dry).surroundings.world)
    var context = CallContext.current
    context.run = run
    let (given, stand) = (context, self.stand(mode: .dry))
    let failure = await CallContext.$current.withValue(given) {
      await stand.failure("check.soak", ["names": .string("a.fill"), "smoke": .string("5m")])
    }
    #expect(failure == nil)
    #expect(asked.all.isEmpty)
    #expect(await run.expectedSeconds == 2100)
    #expect(await run.descriptions.values.flatMap(\.self) == ["soak of a.fill: 4 samples in 35 min"])
  }

  @Test func `numbers that make no soak are refused`() async {
    for arguments in [["times": Value.int(0)], ["every": .int(0)], ["times": .int(1001)]] {
      #expect(
        await stand().failure("check.soak", arguments.merging(["names": .string("a.fill")]) { one, _ in one })?.code
          == "call.argument"
      )
    }
  }
}
