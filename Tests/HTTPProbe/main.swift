import EventLoop
import Foundation
import HTTPClient
import PrimitiveKit
import Synchronization

// Asks an address, and says how it ended, how long that took and how long the loop stood still, in milliseconds:
// `http-probe URL TIMEOUT`, in a process of its own where a test takes the name servers away.
let words = CommandLine.arguments
guard words.count == 3, let address = try? HTTPAddress(words[1]), let seconds = Double(words[2]) else {
  print("http-probe URL SECONDS")
  exit(64)
}
let client = HTTPClient()
let longest = Mutex(Duration.zero)

@Sendable func tick(_ last: ContinuousClock.Instant) {
  let now = ContinuousClock.now
  longest.withLock { $0 = max($0, now - last) }
  client.loop.schedule(after: .milliseconds(2)) { tick(now) }
}

var request = HTTPRequest(.get, address)
request.timeout = .seconds(seconds)
client.loop.schedule(after: .zero) { tick(.now) }
let begin = ContinuousClock.now
let said: String
do throws(HTTPProblem) {
  said = "status \(try await client.send(request).status)"
} catch {
  said = error.code
}
let spent = ContinuousClock.now - begin
// What a look-up leaves behind may hold up what comes next.
await client.loop.sleep(for: .milliseconds(100))
print(said, Int(spent / .milliseconds(1)), Int(longest.withLock { $0 } / .milliseconds(1)))
