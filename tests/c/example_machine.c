/* A process, its copy, and what the machine did for them. */

#include <memcore.h>

#include <inttypes.h>
#include <stdio.h>

int main(void) {
    memcore_machine *machine;
    uint32_t parent, child;
    uint64_t at, counts[128];
    size_t count;
    char text[6];
    memcore_fault fault;
    memcore_map_request request = memcore_map_request_for(8192, MEMCORE_PROT_READ | MEMCORE_PROT_WRITE);
    int32_t status = memcore_machine_create("linux", &machine);
    if (status != MEMCORE_STATUS_OK) {
        return 1;
    }
    status |= memcore_machine_spawn(machine, &parent);
    status |= memcore_machine_mmap(machine, parent, &request, &at);
    status |= memcore_machine_write(machine, parent, at, "hello", 6, NULL);
    status |= memcore_machine_fork(machine, parent, &child);
    status |= memcore_machine_write(machine, child, at, "J", 1, NULL); /* copies the page */
    status |= memcore_machine_read(machine, parent, at, text, 6, NULL);
    printf("the parent reads %s", text);
    status |= memcore_machine_read(machine, child, at, text, 6, NULL);
    printf(", the child %s\n", text);

    status |= memcore_machine_counters(machine, counts, 128, &count);
    printf("%" PRIu64 " faults, %" PRIu64 " page copied\n", counts[MEMCORE_COUNTER_MINOR], counts[MEMCORE_COUNTER_COW]);

    /* An access that the processor would refuse is a fault, and the process lives on. */
    if (memcore_machine_write(machine, parent, 0, "x", 1, &fault) == MEMCORE_STATUS_VM_FAULT) {
        printf("signal %d at %" PRIu64 "\n", (int)fault.signal, fault.address);
    }
    /* A call that makes no sense is refused, as by Linux. */
    if (memcore_machine_munmap(machine, parent, at + 1, 4096) != MEMCORE_STATUS_OK) {
        memcore_error_details details;
        status |= memcore_last_error(&details);
        printf("munmap: errno %d\n", (int)details.error_number);
    }
    status |= memcore_machine_destroy(machine);
    return status != MEMCORE_STATUS_OK;
}
