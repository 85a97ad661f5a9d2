// Which data the demo runs on: the real records, or the sample where they cannot be had.

internal import Foundation
internal import TallyCore
internal import Tallystick

/// The demo's tenants with their events, and what must be said of them.
struct DemoSource {
    let tenants: [DemoTenant]
    let notice: String
    /// A player with events in several tenants.
    let star: String

    /// Downloads the records, or makes the sample when there is no network.
    ///
    /// - Throws: ``Problem`` when what was downloaded is not what it should be.
    static func load(cache: URL) async throws(Problem) -> DemoSource {
        do throws(DemoError) {
            let folder = try await DemoDownload(cache: cache).fetch()
            let tenants = try BaseballLedger.load(from: folder)
            return DemoSource(
                tenants: tenants,
                notice: BaseballLedger.attribution,
                star: star(of: tenants)
            )
        } catch  where error.isOffline {
            let tenants = SampleLedger.make()
            let notice = "The real records cannot be had (\(error)).\n\(SampleLedger.notice)"
            return DemoSource(tenants: tenants, notice: notice, star: star(of: tenants))
        } catch {
            throw Problem(
                .invalid,
                "the demo's data: \(error)",
                hint: "remove \(cache.path) and run tally demo again"
            )
        }
    }

    /// The number of data subjects, and of those known to more than one tenant.
    var subjects: (all: Int, shared: Int) {
        var tenantsOf: [String: Int] = [:]
        for tenant in tenants {
            for subject in Set(tenant.events.flatMap(\.personal.keys)) {
                tenantsOf[subject, default: 0] += 1
            }
        }
        return (tenantsOf.count, tenantsOf.values.count { $0 > 1 })
    }

    /// The star's own stream in the first tenant, and that of the season with most events.
    var starStreams: [String] {
        var seasons: [String: Int] = [:]
        for event in tenants.first?.events ?? [] where event.stream.hasSuffix("/\(star)") {
            if event.stream.hasPrefix("season/") { seasons[event.stream, default: 0] += 1 }
        }
        let busiest = seasons.max { ($0.value, $1.key) < ($1.value, $0.key) }
        return ["staff/player/\(star)"] + (busiest.map { [$0.key] } ?? [])
    }

    /// Babe Ruth where he played, else the busiest player of the first tenant and another.
    private static func star(of tenants: [DemoTenant]) -> String {
        var clubs: [String: Set<String>] = [:]
        var events: [String: Int] = [:]
        for tenant in tenants {
            for event in tenant.events {
                let player = String(event.stream.split(separator: "/").last ?? "")
                clubs[player, default: []].insert(tenant.name)
                events[player, default: 0] += 1
            }
        }
        if clubs["ruthba01"] != nil { return "ruthba01" }
        let first = tenants.first?.name ?? ""
        let shared = clubs.filter { $0.value.count > 1 && $0.value.contains(first) }.keys.sorted()
        return shared.max { events[$0, default: 0] < events[$1, default: 0] } ?? ""
    }
}
