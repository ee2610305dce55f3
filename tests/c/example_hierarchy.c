/* Where the time goes when an array is read once, and then again. */

#include <memcore.h>

#include <stdio.h>

int main(void) {
    memcore_hierarchy *memory;
    memcore_access_time time;
    memcore_time_share shares[8];
    size_t count;
    int32_t status = memcore_hierarchy_create("l1d:size=32K,latency=4 l2:size=256K,latency=12 ram:latency=200",
                                              &memory);
    if (status != MEMCORE_STATUS_OK) {
        return 1;
    }
    for (int pass = 0; pass < 2; pass += 1) {
        for (uint64_t address = 0; address < 128 * 1024; address += 8) {
            status |= memcore_hierarchy_access(memory, address, 8, MEMCORE_ACCESS_KIND_READ, NULL);
        }
    }
    status |= memcore_hierarchy_average_access_time(memory, &time);
    status |= memcore_hierarchy_time_shares(memory, shares, 8, &count);
    if (status == MEMCORE_STATUS_OK) {
        printf("%.2f cycles an access:", time.average);
        for (size_t i = 0; i < count; i += 1) {
            printf(" %s %.2f", shares[i].place, shares[i].average);
        }
        printf("\n");
    }
    memcore_hierarchy_destroy(memory);
    return status != MEMCORE_STATUS_OK;
}
