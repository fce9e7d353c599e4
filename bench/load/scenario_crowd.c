/* Rooms in which the senders come and go. Those who stay witness that nothing is lost on the way: a sender
 * goes on when all of them have what it said, and its numbers go on when it comes again. */
#include "load/scenario.h"

enum {
    LINES_OF_VISIT = 3,
    ENTERING_MAX = 128,
    LEAVE_PERCENT = 5, /* of what people do in a mixed crowd */
    TELL_PERCENT = 15,
    PRIVATE_DRAIN_S = 5,
};

static const int64_t second_ns = 1000000000;

struct crowd {
    struct traffic traffic;
    struct report *report;
    bool is_churn; /* everyone leaves after a few lines */
    uint64_t random;
    int64_t due_ns; /* when the next thing is done, with a rate */
    struct buf out;
};

static bool is_sender(const struct crowd *crowd, const struct peer *peer)
{
    const struct load_options *options = crowd->traffic.load->options;
    return peer->id % options->members < options->senders;
}

static struct sender *sender_of(struct crowd *crowd, const struct peer *peer)
{
    const struct load_options *options = crowd->traffic.load->options;
    return &crowd->traffic.senders[peer->room * options->senders + peer->id % options->members];
}

/* xorshift64: each run does the same things in the same order. */
static unsigned random_below(struct crowd *crowd, unsigned limit)
{
    crowd->random ^= crowd->random << 13;
    crowd->random ^= crowd->random >> 7;
    crowd->random ^= crowd->random << 17;
    return (unsigned)(crowd->random >> 32) % limit;
}

/* --- what the load reports ---------------------------------------------------------------------------- */

static void take_private(struct crowd *crowd, struct peer *peer, const struct mark *mark)
{
    struct measure *measure = crowd->traffic.measure;

    /* At most one is on its way to each, so that the order is certain whoever sent it. */
    if (mark->number != peer->private.next || peer->told == peer->private.next) {
        if (peer->echoes)
            peer->echoes--;
        else
            crowd->traffic.repeated++;
        return;
    }
    peer->private.next++;
    if (measure) {
        measure->delivered++;
        quantiles_add(&measure->latency, (uint64_t)crowd->traffic.load->now_ns - mark->sent_ns);
    }
}

static void on_message(void *arg, struct peer *peer, const struct mark *mark)
{
    struct crowd *crowd = arg;
    if (mark->sender == MARK_PRIVATE)
        take_private(crowd, peer, mark);
    else
        traffic_take(&crowd->traffic, peer, mark);
}

static void on_ready(void *arg, struct peer *peer)
{
    struct crowd *crowd = arg;
    traffic_enter(&crowd->traffic, peer);
    peer->echoes = 0;
    if (!is_sender(crowd, peer))
        return;
    traffic_wake(&crowd->traffic, sender_of(crowd, peer));
    if (crowd->traffic.measure) {
        crowd->report->visits++;
        quantiles_add(&crowd->report->visit, (uint64_t)(load_now_ns() - peer->began_ns));
    }
}

/* Only who has left comes again; whom the server has thrown out is counted. */
static void on_closed(void *arg, struct peer *peer, enum peer_state before)
{
    struct crowd *crowd = arg;
    if (before == PEER_LEAVING && is_sender(crowd, peer))
        traffic_wake(&crowd->traffic, sender_of(crowd, peer));
}

/* --- what people do ----------------------------------------------------------------------------------- */

static bool can_be_told(const struct peer *peer)
{
    return peer->state == PEER_READY && !peer->never_reads && peer->told == peer->private.next;
}

static void tell_someone(struct crowd *crowd, struct peer *from, int64_t at_ns)
{
    struct load *load = crowd->traffic.load;
    struct peer *to = &load->peers[random_below(crowd, (unsigned)load->peer_count)];

    if (to == from || !can_be_told(to) || !load->options->dialect->tell)
        return;
    struct bytes text = traffic_text(&crowd->traffic, MARK_PRIVATE, to->told++, at_ns);
    load->options->dialect->tell(&crowd->out, to->client, text);
    from->echoes += load->options->dialect->echoes_private;
    if (crowd->traffic.measure)
        crowd->traffic.measure->sent++;
}

static void act(struct crowd *crowd, struct sender *sender, int64_t at_ns)
{
    struct traffic *traffic = &crowd->traffic;
    struct peer *peer = sender->peer;
    unsigned what = random_below(crowd, 100);
    bool leaves = crowd->is_churn || (what < LEAVE_PERCENT && can_be_told(peer));

    buf_reset(&crowd->out);
    for (int i = 0; i < (crowd->is_churn ? LINES_OF_VISIT : 1); i++)
        traffic_say(traffic, sender, at_ns, &crowd->out);
    if (!leaves && what < LEAVE_PERCENT + TELL_PERCENT)
        tell_someone(crowd, peer, at_ns);
    peer_send(traffic->load, peer, buf_bytes(&crowd->out));
    if (leaves && peer->fd >= 0)
        peer_leave(traffic->load, peer);
}

static void come_again(struct crowd *crowd, struct sender *sender)
{
    struct load *load = crowd->traffic.load;

    if (load->entering_count >= ENTERING_MAX) {
        traffic_wake(&crowd->traffic, sender);
        return;
    }
    int r = peer_connect(load, sender->peer);
    if (r < 0)
        load_fail(load, "cannot open a connection; more --sources may help", -r);
}

/* Everyone who has something to do does it, or waits for the time to come. */
static void act_all(struct crowd *crowd)
{
    struct traffic *traffic = &crowd->traffic;
    unsigned rate = traffic->load->options->rate;
    struct sender *sender = traffic->idle;

    traffic->idle = NULL;
    while (sender) {
        struct sender *next = sender->next_idle;
        int64_t now_ns = load_now_ns();
        sender->is_idle = false;
        if (sender->on_the_way) {
            /* It is woken again when all have it. */
        } else if (sender->peer->state == PEER_CLOSED) {
            come_again(crowd, sender);
        } else if (sender->peer->state == PEER_READY && rate == 0) {
            act(crowd, sender, now_ns);
        } else if (sender->peer->state == PEER_READY && crowd->due_ns <= now_ns) {
            act(crowd, sender, crowd->due_ns);
            crowd->due_ns += second_ns / rate;
        } else if (sender->peer->state == PEER_READY) {
            traffic_wake(traffic, sender);
        }
        sender = next;
    }
}

static void run_crowd(struct traffic *traffic, const char *label, int64_t until_ns)
{
    struct crowd *crowd = container_of(traffic, struct crowd, traffic);
    struct load *load = traffic->load;
    int64_t began_ns = load_now_ns(), now_ns;

    crowd->due_ns = began_ns;
    progress_begin(&load->progress, label);
    while ((now_ns = load_now_ns()) < until_ns && !load->failure) {
        act_all(crowd);
        int64_t next_ns = now_ns + second_ns / 10 < until_ns ? now_ns + second_ns / 10 : until_ns;
        if (load->options->rate && crowd->due_ns > now_ns && crowd->due_ns < next_ns)
            next_ns = crowd->due_ns;
        load_poll(load, next_ns);
        progress_show(&load->progress, (double)(now_ns - began_ns) / (double)(until_ns - began_ns), now_ns);
    }
}

/* --- the scenarios ------------------------------------------------------------------------------------ */

static uint64_t count_private(const struct load *load)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < load->peer_count; i++)
        sum += stream_missing(&load->peers[i].private, load->peers[i].told);
    return sum;
}

static void run(struct crowd *crowd, struct load *load, struct report *report)
{
    crowd->report = report;
    load->listener = (struct load_listener){
        .on_ready = on_ready, .on_message = on_message, .on_closed = on_closed, .arg = crowd};
    for (size_t i = 0; i < load->peer_count; i++) {
        /* Told apart by their numbers, so that what was meant for another is noticed. */
        load->peers[i].told = (uint32_t)(i * 2654435761u);
        load->peers[i].private = (struct stream){.next = load->peers[i].told};
    }
    scenario_run_traffic(&crowd->traffic, run_crowd, &report->main, report);
    int64_t until_ns = load_now_ns() + PRIVATE_DRAIN_S * second_ns;
    while (count_private(load) && load_now_ns() < until_ns && !load->failure)
        load_poll(load, load_now_ns() + second_ns / 100);
    report->lost += count_private(load);
    report->repeated = crowd->traffic.repeated;
}

static bool run_kind(struct load *load, struct report *report, bool is_churn)
{
    struct crowd crowd = {.is_churn = is_churn, .random = 88172645463325252u};

    scenario_cast(load, load->options->senders);
    if (!scenario_get_in(load, report))
        return false;
    buf_init(&crowd.out, (size_t)(LINES_OF_VISIT + 1) * (load->options->payload + 256));
    if (traffic_init(&crowd.traffic, load, LINES_OF_VISIT) == 0)
        run(&crowd, load, report);
    else
        load_fail(load, "out of memory", 0);
    traffic_done(&crowd.traffic);
    buf_done(&crowd.out);
    return !load->failure;
}

bool scenario_churn(struct load *load, struct report *report)
{
    return run_kind(load, report, true);
}

bool scenario_mixed(struct load *load, struct report *report)
{
    return run_kind(load, report, false);
}
